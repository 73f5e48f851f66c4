#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warren::domain {

// One endpoint as the API server lists it; a pod has several (one for each address family, and two
// of a kind while the controller moves it between slices).
struct endpoint_view {
  std::string address;   // an IP address
  std::string hostname;  // of a StatefulSet's pod, when the Service is its governing one
  std::string pod;       // targetRef.name
  std::string uid;       // targetRef.uid
  bool ready = true;
  bool serving = true;
  bool terminating = false;
};

enum class address_type { hostname, ip };

// How an address becomes a node name: the rules of rabbitmq_peer_discovery_k8s (3.9 to 4.0).
struct name_rules {
  address_type from = address_type::ip;  // K8S_ADDRESS_TYPE
  std::string hostname_suffix;           // K8S_HOSTNAME_SUFFIX, appended before the name is parsed
  std::string prefix = "rabbit";         // the part of RABBITMQ_NODENAME before '@'
  bool long_names = false;               // RABBITMQ_USE_LONGNAME
  bool prefer_ipv6 = false;  // which address names a pod that has both: the family of POD_IP
};

struct peer {
  std::string node;  // "rabbit@rmq-0"
  std::string pod;
  std::string uid;
  std::vector<std::string> addresses;  // of both families, the preferred one first, then by text
  bool ready = false;
  bool serving = false;
  bool terminating = false;
  friend bool operator==(const peer&, const peer&) = default;
};

struct peer_list {
  std::vector<peer> peers;  // sorted by node, each node once
  // Endpoints that give no node name, each with the cure; at most max_problems of them, with the
  // true count beside.
  std::vector<std::string> problems;
  std::size_t problem_count = 0;
  friend bool operator==(const peer_list&, const peer_list&) = default;
};
constexpr std::size_t max_problems = 8;

// "rabbit@rmq-0" for an address or a host name. In this order: what has an '@' is a node name
// already; an IP address (of both families) is kept whole; a long name is kept whole; a short one
// ends at the first '.'. The plugin has no rule for IPv6: Erlang takes such a host in both kinds of
// names, so it is treated as IPv4 is (the broker then needs -proto_dist inet6_tcp).
std::string node_name(std::string_view address_or_hostname, const name_rules& rules);

// Joins the endpoints of all slices into peers: one for each pod uid (else host name, else
// address), whatever their order. Not-ready pods are peers too, and terminating ones, marked so:
// they are still members. Of two pods that give the same node (one being replaced), the one that
// stays is taken.
peer_list compute_peers(std::span<const endpoint_view> endpoints, const name_rules& rules);

// The host of a node name: "rmq-0" of "rabbit@rmq-0".
std::string_view host_of(std::string_view node);

}  // namespace warren::domain
