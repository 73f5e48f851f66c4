#include "agent/domain/peers.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace warren::domain {
namespace {

// A whole IP address as inet_pton takes it: strict, no leading zeros, no zone.
bool is_address(std::string_view text, int family) {
  char out[sizeof(in6_addr)];
  return inet_pton(family, std::string(text).c_str(), out) == 1;
}

bool is_ipv6(std::string_view text) {
  return text.find(':') != std::string_view::npos;
}

// Node names end up in the broker's configuration: nothing that could end a line or a key.
bool fit_for_a_node_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '.' || c == ':' || c == '@';
  });
}

std::string_view identity(const endpoint_view& e) {
  if (!e.uid.empty()) return e.uid;
  return e.hostname.empty() ? std::string_view(e.address) : std::string_view(e.hostname);
}

struct joined_pod {
  peer what;
  std::string_view hostname;
};

// All endpoints of one pod as one value: ready if any slice says so; a pod never stops terminating.
void join(joined_pod& pod, const endpoint_view& e) {
  peer& p = pod.what;
  if (p.pod.empty()) p.pod = e.pod;
  if (p.uid.empty()) p.uid = e.uid;
  if (pod.hostname.empty()) pod.hostname = e.hostname;
  if (!e.address.empty() && std::ranges::find(p.addresses, e.address) == p.addresses.end()) {
    p.addresses.push_back(e.address);
  }
  p.ready |= e.ready;
  p.serving |= e.serving;
  p.terminating |= e.terminating;
}

std::string label(const joined_pod& pod) {
  const std::string address = pod.what.addresses.empty() ? "" : pod.what.addresses.front();
  if (pod.what.pod.empty()) return "endpoint " + (address.empty() ? "without address" : address);
  return "pod " + pod.what.pod + (address.empty() ? "" : " (" + address + ")");
}

// Sets the node's name; else says why there is none.
std::string name_it(joined_pod& pod, const name_rules& rules) {
  const bool by_host = rules.from == address_type::hostname;
  if (by_host && pod.hostname.empty()) {
    return label(pod) +
           " has no host name: the Service must be the one that the StatefulSet names as its "
           "serviceName, or the address type must be ip";
  }
  if (!by_host && pod.what.addresses.empty()) return label(pod) + " has no IP address";
  const std::string_view from =
      by_host ? pod.hostname : std::string_view(pod.what.addresses.front());
  pod.what.node = node_name(from, rules);
  if (fit_for_a_node_name(pod.what.node) && !host_of(pod.what.node).empty()) return {};
  return label(pod) +
         " gives no valid node name: only letters, digits, '-', '_', '.' and ':' may " +
         "stand in its host name and in the suffix";
}

// Smaller is better: among pods of one node the one that stays and serves. The uid is the last
// resort, so that the order of the list never matters.
auto rank(const peer& p) {
  return std::tuple(p.terminating, !p.serving, !p.ready, p.uid);
}

}  // namespace

std::string_view host_of(std::string_view node) {
  const std::size_t at = node.find('@');
  return at == std::string_view::npos ? node : node.substr(at + 1);
}

std::string node_name(std::string_view address_or_hostname, const name_rules& rules) {
  std::string value = std::string(address_or_hostname) + rules.hostname_suffix;
  if (value.find('@') != std::string::npos) return value;
  const bool whole = rules.long_names || is_address(value, AF_INET) || is_address(value, AF_INET6);
  if (!whole) value.resize(std::min(value.find('.'), value.size()));
  return rules.prefix + "@" + value;
}

peer_list compute_peers(std::span<const endpoint_view> endpoints, const name_rules& rules) {
  std::vector<joined_pod> pods;
  std::unordered_map<std::string_view, std::size_t> index;
  index.reserve(endpoints.size());
  for (const endpoint_view& e : endpoints) {
    const auto [at, is_new] = index.try_emplace(identity(e), pods.size());
    if (is_new) pods.emplace_back();
    join(pods[at->second], e);
  }

  peer_list list;
  std::map<std::string, peer> by_node;
  std::vector<std::string> problems;
  for (joined_pod& pod : pods) {
    std::ranges::sort(pod.what.addresses, {}, [&](const std::string& a) {
      return std::pair(is_ipv6(a) != rules.prefer_ipv6, std::string_view(a));
    });
    if (std::string problem = name_it(pod, rules); !problem.empty()) {
      problems.push_back(std::move(problem));
      continue;
    }
    const auto [at, is_new] = by_node.try_emplace(pod.what.node, pod.what);
    if (!is_new && rank(pod.what) < rank(at->second)) at->second = std::move(pod.what);
  }
  for (auto& [node, p] : by_node) list.peers.push_back(std::move(p));

  list.problem_count = problems.size();
  std::ranges::sort(problems);
  problems.resize(std::min(problems.size(), max_problems));
  list.problems = std::move(problems);
  return list;
}

}  // namespace warren::domain
