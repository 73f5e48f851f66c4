#include "agent/settings_values.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <utility>

namespace warren::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<std::string_view, base::duration>, 4> units{
    {{"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::size_t most_digits) {
  if (text.empty() || text.size() > most_digits) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_address(std::string_view text, int family) {
  std::array<char, sizeof(in6_addr)> out{};
  return inet_pton(family, std::string(text).c_str(), out.data()) == 1;
}

}  // namespace

std::optional<base::duration> parse_duration(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  const auto digits = static_cast<std::size_t>(end - text.begin());
  const auto number = parse_number(text.substr(0, digits), 9);
  if (!number) return std::nullopt;
  const std::string_view suffix = digits == text.size() ? "s" : text.substr(digits);
  const auto unit = std::ranges::find(units, suffix, [](const auto& u) { return u.first; });
  if (unit == units.end()) return std::nullopt;
  if (*number > static_cast<std::uint64_t>(base::duration::max() / unit->second)) {
    return std::nullopt;
  }
  return static_cast<base::duration::rep>(*number) * unit->second;
}

std::string format_duration(base::duration d) {
  if (d == base::duration::zero()) return "0s";
  for (const auto& [suffix, unit] : units) {
    if (d % unit == base::duration::zero()) return std::to_string(d / unit) + std::string(suffix);
  }
  return std::to_string(d / 1ms) + "ms";
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto number = parse_number(text, 5);
  if (!number || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

std::optional<bool> parse_bool(std::string_view text) {
  if (text == "true" || text == "yes" || text == "1") return true;
  if (text == "false" || text == "no" || text == "0") return false;
  return std::nullopt;
}

bool is_ipv6_address(std::string_view text) {
  return is_address(text, AF_INET6);
}
bool is_ip_address(std::string_view text) {
  return is_address(text, AF_INET) || is_ipv6_address(text);
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t start = text.find_first_not_of(separators);
    if (start == std::string_view::npos) return parts;
    text.remove_prefix(start);
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::optional<host_port> parse_host_port(std::string_view text) {
  host_port result;
  std::size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    result.host = text.substr(1, end - 1);
    if (!is_ipv6_address(result.host)) return std::nullopt;
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    result.host = text.substr(0, end);
    if (!is_host_text(result.host)) return std::nullopt;
  }
  text.remove_prefix(end);
  if (text.empty()) return result;
  if (text.front() != ':') return std::nullopt;
  result.port = parse_port(text.substr(1));
  if (!result.port) return std::nullopt;
  return result;
}

std::optional<server_url> parse_server_url(std::string_view text) {
  server_url url;
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
    url.tls = false;
  } else {
    return std::nullopt;
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  auto where = parse_host_port(text);
  if (!where || where->port == 0) return std::nullopt;
  url.host = std::move(where->host);
  url.port = where->port.value_or(url.tls ? 443 : 80);
  return url;
}

bool is_dns_label(std::string_view text) {
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
  return std::ranges::all_of(text, [](char c) { return is_digit(c) || is_lower(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_dns_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_host_text(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.' || c == ':';
  });
}

}  // namespace warren::agent
