#pragma once

#include "base/clock.hpp"

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
};

struct peer {
  std::string node;  // "rabbit@rmq-0"
  std::string pod;
  std::string uid;
  std::vector<std::string> addresses;  // of both families, in the order of the list
  bool ready = false;
  bool serving = false;
  bool terminating = false;
  friend bool operator==(const peer&, const peer&) = default;
};

struct peer_list {
  std::vector<peer> peers;  // sorted by node
  // Endpoints that give no node name ("no hostname: the Service X must be the StatefulSet's
  // serviceName"), at most max_problems of them with the true count beside.
  std::vector<std::string> problems;
  std::size_t problem_count = 0;
  friend bool operator==(const peer_list&, const peer_list&) = default;
};
constexpr std::size_t max_problems = 8;

// "rabbit@rmq-0" for an address or host name, by the rules.
std::string node_name(std::string_view address_or_hostname, const name_rules& rules);

// Joins the endpoints of all slices into peers: one for each pod uid (else host name, else
// address). Not-ready pods are peers too, and terminating ones, marked so: they are still members.
peer_list compute_peers(std::span<const endpoint_view> endpoints, const name_rules& rules);

enum class peers_format { rabbitmq, plain, json };

// What goes into the peer file. `rabbitmq`: cluster_formation.classic_config lines for conf.d, with
// peers that are going away left out; `plain`: one host a line; `json`: a list of peers.
std::string format_peers(const peer_list& list, peers_format format);

}  // namespace warren::domain
