#pragma once

#include "base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a setting's text means. Nothing if it means nothing; no function throws.
namespace warren::agent {

// Of a cluster: Kubernetes and RabbitMQ set no limit, sense does.
constexpr std::size_t most_members = 99;

// "500ms", "30s", "5m", "1h"; a plain number is seconds. At most nine digits.
std::optional<base::duration> parse_duration(std::string_view text);

// The shortest of these that is exact: "500ms", "30s", "5m", "1h".
std::string format_duration(base::duration d);

// 0 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text);

std::optional<bool> parse_bool(std::string_view text);  // true, yes, 1, false, no, 0

bool is_ip_address(std::string_view text);
bool is_ipv6_address(std::string_view text);

// "a,b" or "a b": every part, none empty.
std::vector<std::string> split(std::string_view text, std::string_view separators);

// "10.0.0.1:80", "[::]:80", "rmq.example:80"; brackets are for IPv6 alone and always taken off.
struct host_port {
  std::string host;
  std::optional<std::uint16_t> port;
};
std::optional<host_port> parse_host_port(std::string_view text);

// "https://10.0.0.1:6443" or "http://...", without a path.
struct server_url {
  bool tls = true;
  std::string host;
  std::uint16_t port = 443;
};
std::optional<server_url> parse_server_url(std::string_view text);

// Names as Kubernetes has them: a label ("rmq", for Services and namespaces) and a subdomain
// ("rmq-0.a", for pods and StatefulSets).
bool is_dns_label(std::string_view text);
bool is_dns_subdomain(std::string_view text);

// Letters, digits, '-', '_', '.' and ':' alone.
bool is_host_text(std::string_view text);

}  // namespace warren::agent
