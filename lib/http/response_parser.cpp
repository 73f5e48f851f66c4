#include "http/response_parser.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <charconv>

namespace warren::http {
namespace {

constexpr std::size_t max_warnings = 8;

std::optional<std::chrono::seconds> parse_seconds(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(value);
}

}  // namespace

response_parser::response_parser(std::size_t header, std::size_t max_body) : max_body_(max_body) {
  eager(true);
  header_limit(static_cast<std::uint32_t>(header));
  body_limit(boost::none);  // of what is in memory at a time: append()
}

std::size_t response_parser::append(string_view piece, error_code& ec) {
  if (piece.size() > max_body_ - got.body.size()) {
    ec = boost::beast::http::error::body_limit;
    return 0;
  }
  got.body.append(piece.data(), piece.size());
  return piece.size();
}

void response_parser::on_field_impl(boost::beast::http::field name, string_view, string_view value,
                                    error_code&) {
  using boost::beast::http::field;
  const std::string_view text(value.data(), value.size());
  if (name == field::content_type) got.content_type = text;
  if (name == field::retry_after) got.retry_after = parse_seconds(text);
  if (name == field::warning && got.warnings.size() < max_warnings) got.warnings.emplace_back(text);
}

void response_parser::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) {
  // The announced length is only a promise: memory follows what really comes.
  if (length) got.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, 1 << 20)));
}

}  // namespace warren::http
