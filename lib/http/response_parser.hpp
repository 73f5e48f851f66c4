#pragma once

#include "http/message.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace warren::http {

// Keeps the headers that are wanted and appends the body to response.body; whoever streams takes it
// away from there. Only for .cpp files: it includes Beast.
class response_parser : public boost::beast::http::basic_parser<false> {
 public:
  response_parser(std::size_t header_limit, std::size_t max_body);

  response got;

 private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  std::size_t append(string_view piece, error_code& ec);
  void on_request_impl(boost::beast::http::verb, string_view, string_view, int,
                       error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override { got.status = code; }
  void on_field_impl(boost::beast::http::field name, string_view, string_view value,
                     error_code&) override;
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override;
  std::size_t on_body_impl(string_view body, error_code& ec) override { return append(body, ec); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) override {
    return append(body, ec);
  }
  void on_finish_impl(error_code&) override {}

  std::size_t max_body_;
};

}  // namespace warren::http
