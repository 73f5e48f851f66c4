#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warren::http {

enum class method { get, head, post, put, patch };

// "GET"
std::string_view to_string(method m);

// A request as the server's handler sees it: decoded, within the limits, GET or HEAD; POST where
// the server takes it.
struct request {
  method verb = method::get;
  std::string path;                                        // percent-decoded, begins with '/'
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in the order of the target
  std::string accept;                                      // the Accept header, or empty

  // The value of the first parameter of that name ("" for `?verbose`), or nothing.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

// What the handler answers. Content-Length and the treatment of HEAD are the
// server's; the body is always given in full.
struct reply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string_view allow = "GET, HEAD";  // of 405: the methods that the path knows
};

// A response as the client hands it out, with the few headers that are looked at.
struct response {
  int status = 0;
  std::string content_type;
  std::optional<std::chrono::seconds> retry_after;  // only its form in seconds; a date is ignored
  std::vector<std::string> warnings;                // Warning headers, as sent, at most 8
  std::string body;
};

// "Not Found"; "Unknown" for a status that has no name here.
std::string_view reason_phrase(int status);

// Percent-decodes `text`; '+' is a space if `plus_is_space`. Nothing for a broken escape or a NUL.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

// Percent-encodes all but RFC 3986's unreserved characters, for a path segment or a query value.
std::string percent_encode(std::string_view text);

}  // namespace warren::http
