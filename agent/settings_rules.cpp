#include "agent/settings_rules.hpp"

#include <algorithm>

namespace warren::agent::rules {

bool is_node(std::string_view text) {
  const std::size_t at = text.find('@');
  const std::string_view alive = text.substr(0, at);
  if (!is_host_text(alive) || alive.find_first_of(".:") != std::string_view::npos) return false;
  return at == std::string_view::npos || is_host_text(text.substr(at + 1));
}
bool is_scheme(std::string_view text) {
  return text == "http" || text == "https";
}
bool is_url(std::string_view text) {
  return parse_server_url(text).has_value();
}
bool is_real_port(std::string_view text) {
  return parse_port(text).value_or(0) != 0;
}
bool is_uid(std::string_view text) {
  return is_host_text(text) && text.size() <= 128;
}
// Two or three numbers of at most three digits, then what an image's tag may have behind a version.
bool is_version(std::string_view text) {
  const std::size_t end = std::min(text.find_first_of("-+"), text.size());
  std::size_t dots = 0;
  std::size_t digits = 0;
  for (const char c : text.substr(0, end)) {
    if (c != '.' && (c < '0' || c > '9')) return false;
    if (c == '.' && digits == 0) return false;
    digits = c == '.' ? 0 : digits + 1;
    dots += c == '.' ? 1 : 0;
    if (digits > 3) return false;
  }
  const std::string_view rest = text.substr(end);
  return digits > 0 && (dots == 1 || dots == 2) && rest.size() <= 64 &&
         (rest.empty() || is_host_text(rest.substr(1)));
}
bool is_dns_name(std::string_view text) {
  return is_host_text(text) && text.find(':') == std::string_view::npos && !text.starts_with('.') &&
         text.find("..") == std::string_view::npos;
}

value_rule listen() {
  return {"an IP address and a port, like [::]:15690 or 0.0.0.0:15690",
          [](settings_draft& d, const std::string& value) {
            const auto where = parse_host_port(value);
            if (!where || !where->port || !is_ip_address(where->host)) return false;
            d.result.listen = {where->host, *where->port};
            return true;
          }};
}

value_rule addresses() {
  return {"IP addresses, separated by commas", [](settings_draft& d, const std::string& value) {
            auto list = split(value, ", ");
            if (list.empty() || !std::ranges::all_of(list, is_ip_address)) return false;
            d.result.broker.addresses = std::move(list);
            return true;
          }};
}

value_rule cookie() {
  return {"an Erlang cookie of at most 255 characters",
          [](settings_draft& d, const std::string& value) {
            const auto words = split(value, " \t\r\n");
            if (words.size() != 1 || words.front().size() > 255) return false;
            d.result.broker.cookie = base::secret(words.front());
            return true;
          }};
}

value_rule command() {
  return {"a program and its arguments, separated by spaces",
          [](settings_draft& d, const std::string& value) {
            d.result.peers.command = split(value, " ");
            return !d.result.peers.command.empty();
          }};
}

value_rule static_peers() {
  return {"1 to " + std::to_string(most_members) + " node names or hosts, separated by commas",
          [](settings_draft& d, const std::string& value) {
            auto list = split(value, ", ");
            if (list.empty() || list.size() > most_members) return false;
            const auto is_peer = [](std::string_view text) {
              return text.find('@') == std::string_view::npos ? is_host_text(text) : is_node(text);
            };
            if (!std::ranges::all_of(list, is_peer)) return false;
            d.static_peers = std::move(list);
            return true;
          }};
}

}  // namespace warren::agent::rules
