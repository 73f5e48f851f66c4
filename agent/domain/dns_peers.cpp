#include "agent/domain/dns_peers.hpp"

#include <algorithm>
#include <utility>

namespace warren::domain {
namespace {

std::string_view first_label(std::string_view name) {
  return name.substr(0, name.find('.'));
}

bool is_ipv6(std::string_view address) {
  return address.find(':') != std::string_view::npos;
}

bool stands_for(std::string_view label, std::string address) {
  std::ranges::replace_if(address, [](char c) { return c == '.' || c == ':'; }, '-');
  return label == address;
}

bool has_host_name(const dns_host& host) {
  const std::string_view label = first_label(host.name);
  return std::ranges::none_of(
      host.addresses, [&](const std::string& address) { return stands_for(label, address); });
}

void add(std::vector<endpoint_view>& endpoints, const dns_host& host, const dns_view& seen,
         const name_rules& rules) {
  const std::string_view label = first_label(host.name);
  endpoint_view e;
  e.hostname = rules.hostname_suffix.empty() ? host.name : std::string(label);
  if (host.name == std::string(label) + "." + seen.name) e.pod = label;
  if (host.addresses.empty()) endpoints.push_back(e);
  for (const std::string& address : host.addresses) {
    e.address = address;
    endpoints.push_back(e);
  }
}

void keep_one_family(std::vector<std::string>& addresses, bool prefer_ipv6) {
  const auto is_preferred = [&](const std::string& a) { return is_ipv6(a) == prefer_ipv6; };
  if (std::ranges::none_of(addresses, is_preferred)) return;
  std::erase_if(addresses, [&](const std::string& a) { return !is_preferred(a); });
}

}  // namespace

peer_list peers_in_dns(const dns_view& seen, const name_rules& rules) {
  std::vector<endpoint_view> endpoints;
  std::vector<std::string> nameless = seen.addresses;
  for (const dns_host& host : seen.hosts) {
    if (has_host_name(host)) {
      add(endpoints, host, seen, rules);
    } else {
      nameless.insert(nameless.end(), host.addresses.begin(), host.addresses.end());
    }
  }
  keep_one_family(nameless, rules.prefer_ipv6);
  if (rules.from == address_type::ip) {
    for (std::string& address : nameless) endpoints.push_back({.address = std::move(address)});
    return compute_peers(endpoints, rules);
  }
  peer_list list = compute_peers(endpoints, rules);
  std::ranges::sort(nameless);
  for (const std::string& address : nameless) {
    ++list.problem_count;
    if (list.problems.size() >= max_problems) continue;
    list.problems.push_back(
        address + " of " + seen.name +
        " has no host name in DNS: the Service must have a named port and be the one that the "
        "StatefulSet names as its serviceName, or the address type must be ip");
  }
  return list;
}

std::string service_in_dns(std::string_view service, std::string_view name_space,
                           std::span<const std::string> search) {
  if (name_space.empty()) return std::string(service);
  constexpr std::string_view begin = "svc.";
  std::string cluster;
  for (const std::string& domain : search) {
    if (!domain.starts_with(begin)) continue;
    // The shortest: a namespace may be called svc too.
    const std::string rest = domain.substr(begin.size());
    if (cluster.empty() || rest.size() < cluster.size()) cluster = rest;
  }
  if (cluster.empty()) cluster = "cluster.local";
  if (!cluster.ends_with('.')) cluster += '.';
  return std::string(service) + "." + std::string(name_space) + ".svc." + cluster;
}

}  // namespace warren::domain
