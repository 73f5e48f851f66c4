#include "http/request_decoder.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <cstdint>
#include <optional>
#include <utility>

namespace warren::http {
namespace {

namespace beast = boost::beast;
using beast::string_view;
using error_code = beast::error_code;

// Keeps of a request what the handler needs, without a table of all its fields.
class request_parser : public beast::http::basic_parser<true> {
 public:
  std::string target;
  std::string accept;
  beast::http::verb verb = beast::http::verb::unknown;

 private:
  void on_request_impl(beast::http::verb v, string_view, string_view t, int, error_code&) override {
    verb = v;
    target.assign(t.data(), t.size());
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field name, string_view, string_view value,
                     error_code&) override {
    if (name == beast::http::field::accept) accept.assign(value.data(), value.size());
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    return body.size();
  }
  void on_finish_impl(error_code&) override {}
};

// Nothing for a method that is not served.
std::optional<method> method_of(beast::http::verb verb, const request_limits& limits) {
  if (verb == beast::http::verb::get) return method::get;
  if (verb == beast::http::verb::head) return method::head;
  if (verb == beast::http::verb::post && limits.post) return method::post;
  return std::nullopt;
}

decoded_request refuse(int status, std::string why) {
  decoded_request out;
  out.is = decoded_request::state::refused;
  out.status = status;
  out.why = std::move(why);
  return out;
}

decoded_request refuse(const error_code& ec) {
  if (ec == beast::http::error::header_limit) return refuse(431, "the header is too large");
  if (ec == beast::http::error::body_limit) return refuse(413, "the body is too large");
  return refuse(400, "malformed request: " + ec.message());
}

// "http://host/path" is what a proxy is sent, and servers must understand it (RFC 9112, 3.2.2).
std::string_view strip_origin(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t slash = target.find_first_of("/?");
    if (slash == std::string_view::npos) return "/";
    return target.substr(slash);
  }
  return target;
}

bool split_query(std::string_view text, std::size_t limit, request& into) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (into.query.size() == limit) return false;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto key = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!key || !value) return false;
    into.query.emplace_back(std::move(*key), std::move(*value));
  }
  return true;
}

std::optional<request> decode_target(std::string_view target, std::size_t max_parameters) {
  target = strip_origin(target);
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  auto path = percent_decode(target.substr(0, mark), false);
  if (!path || path->empty() || path->front() != '/') return std::nullopt;
  request out;
  out.path = std::move(*path);
  const std::string_view query = target.substr(std::min(mark + 1, target.size()));
  if (!split_query(query, max_parameters, out)) return std::nullopt;
  return out;
}

bool is_token_character(char c) {
  return c > ' ' && c < 0x7f;
}

}  // namespace

decoded_request decode_request(std::string_view bytes, const request_limits& limits) {
  // Another protocol (a TLS hello, say) is told so at once, not when the header's time is over.
  if (!bytes.empty() && !is_token_character(bytes.front())) {
    return refuse(400, "this is not an HTTP request; the port speaks plain HTTP/1.1");
  }
  const std::size_t end = bytes.substr(0, limits.header).find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() >= limits.header) return refuse(431, "the header is too large");
    return {};
  }
  request_parser parser;
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(limits.header));
  parser.body_limit(limits.body);
  error_code ec;
  std::size_t used = 0;
  while (!parser.is_done()) {
    used += parser.put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), ec);
    if (!parser.target.empty() && !method_of(parser.verb, limits)) {
      return refuse(405, limits.post ? "only GET, HEAD and POST are served here"
                                     : "only GET and HEAD are served here");
    }
    // A body that has come in part is not reported as need_more.
    const bool starved = !ec && !parser.is_done() && used == bytes.size();
    if (ec == beast::http::error::need_more || starved) {
      // Chunk headers and trailers are not part of the body's limit.
      if (bytes.size() > limits.header + 2 * limits.body) return refuse(413, "too large");
      return {};
    }
    if (ec) return refuse(ec);
  }
  auto asked = decode_target(parser.target, limits.parameters);
  if (!asked) return refuse(400, "malformed target");
  decoded_request out;
  out.is = decoded_request::state::complete;
  out.asked = std::move(*asked);
  out.asked.verb = *method_of(parser.verb, limits);
  out.asked.accept = std::move(parser.accept);
  out.used = used;
  out.keep_alive = parser.keep_alive();
  return out;
}

}  // namespace warren::http
