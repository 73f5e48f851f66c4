#include "agent/classic_settings.hpp"

#include <algorithm>
#include <array>

namespace warren::agent {
namespace {

constexpr classic_warning never{"never", [](std::string_view, const settings&) { return false; }};
constexpr classic_warning always{"always", [](std::string_view, const settings&) { return true; }};
constexpr classic_warning if_true{
    "if it is true", [](std::string_view value, const settings&) { return value == "true"; }};
constexpr classic_warning if_false{
    "if it is false", [](std::string_view value, const settings&) { return value == "false"; }};
constexpr classic_warning if_ram{
    "if it is ram", [](std::string_view value, const settings&) { return value == "ram"; }};
constexpr classic_warning unless_stop{
    "unless it is stop", [](std::string_view value, const settings&) { return value != "stop"; }};
constexpr classic_warning unless_dns{
    "unless the peers come from DNS",
    [](std::string_view, const settings& s) { return s.peers.source != peer_source::dns; }};
constexpr classic_warning unless_listed{
    "unless the peers come from a list",
    [](std::string_view, const settings& s) { return s.peers.source != peer_source::fixed; }};

// The names that RabbitMQ and rabbitmq-autocluster take for a backend.
bool means(std::string_view backend, peer_source source) {
  constexpr std::array<std::string_view, 4> kubernetes{
      "k8s", "kubernetes", "rabbit_peer_discovery_k8s", "rabbitmq_peer_discovery_k8s"};
  constexpr std::array<std::string_view, 2> dns{"dns", "rabbit_peer_discovery_dns"};
  constexpr std::array<std::string_view, 4> fixed{"classic_config", "classic", "config",
                                                  "rabbit_peer_discovery_classic_config"};
  const auto is_in = [&](const auto& names) {
    return std::find(names.begin(), names.end(), backend) != names.end();
  };
  switch (source) {
    case peer_source::kubernetes:
      return is_in(kubernetes);
    case peer_source::dns:
      return is_in(dns);
    case peer_source::fixed:
      return is_in(fixed);
  }
  return false;
}

constexpr classic_warning unless_same_source{
    "unless it says the same",
    [](std::string_view value, const settings& s) { return !means(value, s.peers.source); }};

std::vector<classic_setting> whom_to_join() {
  return {
      {{"cluster_formation.peer_discovery_backend", "AUTOCLUSTER_TYPE"},
       "Warren finds the peers itself, where `--peers-from` says, and what it writes into conf.d "
       "wins over this.",
       unless_same_source},
      {{"cluster_formation.classic_config.nodes.*"},
       "Taken as `--static-peers` where the peers come from a list. With the start gate give the "
       "list there and remove this, else too: the broker would add it to what Warren writes.",
       unless_listed},
      {{"cluster_formation.dns.hostname", "AUTOCLUSTER_HOST"},
       "Taken as `--dns-name` where the peers come from DNS (`--peers-from=dns`).",
       unless_dns},
      {{"cluster_formation.target_cluster_size_hint"},
       "Taken as `--expected-members`, where the StatefulSet may not be read.",
       never},
      {{"cluster_formation.node_type", "RABBITMQ_NODE_TYPE"},
       "Warren counts on it that every member has its data on a disk: RAM nodes lose it, and "
       "RabbitMQ 4.3 has none any more.",
       if_ram},
      {{"cluster_formation.registration.enabled"}, "Warren registers nothing anywhere.", never},
      {{"cluster_formation.k8s.ordinal_start", "cluster_formation.k8s.seed_node"},
       "Any node may found the cluster; the start gate writes the node to join itself.",
       never},
      {{"cluster_formation.k8s.tls.*"},
       "Warren always verifies the API server, by the certificates of `--cert-path`, and shows it "
       "the token, never a client's certificate.",
       always},
      {{"cluster_formation.proxy.*", "PROXY_EXCLUSIONS"},
       "Warren connects to the API server directly.",
       always},
  };
}

std::vector<classic_setting> when_to_start() {
  return {
      {{"cluster_formation.randomized_startup_delay_range.*"},
       "Nobody waits by chance: the start gate lets one node found the cluster and the others join "
       "it. Remove it: RabbitMQ 4.0 and later refuses to boot with this key.",
       always},
      {{"AUTOCLUSTER_DELAY"},
       "Nobody waits by chance: the start gate lets one node found the cluster and the others join "
       "it.",
       never},
      {{"cluster_formation.discovery_retry_limit", "cluster_formation.discovery_retry_interval"},
       "For the broker's own discovery alone. The start gate sets both, so that no broker gives up "
       "and boots alone.",
       never},
      {{"cluster_formation.lock_retry_limit", "cluster_formation.lock_retry_timeout",
        "cluster_formation.internal_lock_retries", "LOCK_WAIT_TIME"},
       "Warren takes a Lease for the time of a guarded act, and waits for it as long as it takes.",
       never},
      {{"AUTOCLUSTER_FAILURE"},
       "A failed look never makes a broker boot alone: its gate stays closed and says why.",
       unless_stop},
      {{"AUTOCLUSTER_LOG_LEVEL"}, "Set `--log-level` instead.", never},
  };
}

std::vector<classic_setting> whom_to_forget() {
  return {
      {{"cluster_formation.node_cleanup.interval", "CLEANUP_INTERVAL"},
       "Warren forgets no member because it is away; it does not look for such ones. The broker's "
       "own clean-up goes on where its plugin is enabled.",
       never},
      {{"cluster_formation.node_cleanup.only_log_warning", "CLEANUP_ONLY_LOG_WARNING",
        "CLEANUP_WARN_ONLY"},
       "Warren forgets no member because it is away. Leave it at true: with false the broker's own "
       "clean-up may remove members that only cannot be reached.",
       if_false},
      {{"AUTOCLUSTER_CLEANUP"},
       "Warren forgets no member because it is away, but a node whose disk was lost, before it "
       "joins again.",
       if_true},
  };
}

std::vector<classic_setting> other_backends() {
  return {
      {{"cluster_formation.consul.*", "CONSUL_HOST", "CONSUL_PORT", "CONSUL_SCHEME",
        "CONSUL_ACL_TOKEN", "CONSUL_DOMAIN", "CONSUL_LOCK_PREFIX", "CONSUL_SVC*",
        "CONSUL_DEREGISTER_AFTER", "CONSUL_USE_LONGNAME", "CONSUL_INCLUDE_NODES_WITH_WARNINGS"},
       "Warren neither asks Consul nor registers there. Take the peers from Kubernetes, from a "
       "list, or from a DNS name that others keep.",
       always},
      {{"cluster_formation.etcd.*", "ETCD_SCHEME", "ETCD_HOST", "ETCD_PORT", "ETCD_PREFIX",
        "ETCD_NODE_TTL"},
       "Warren asks no etcd. Take the peers from Kubernetes, DNS or a list.",
       always},
      {{"cluster_formation.aws.*", "AWS_AUTOSCALING", "AWS_EC2_TAGS", "AWS_USE_PRIVATE_IP"},
       "Warren asks no AWS API. Take the peers from Kubernetes, DNS or a list.",
       always},
      {{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"},
       "Not read: Warren asks no AWS API.",
       never},
      {{"CLUSTER_NAME"},
       "Not read: it named the cluster in Consul and etcd. Warren tells clusters apart by their "
       "Service and namespace.",
       never},
      {{"HTTP_PROXY", "HTTPS_PROXY"},
       "Not read: Warren connects to the API server directly.",
       never},
  };
}

}  // namespace

const std::vector<classic_setting>& classic_settings() {
  static const std::vector<classic_setting> table = [] {
    std::vector<classic_setting> all;
    for (const auto& part : {whom_to_join(), when_to_start(), whom_to_forget(), other_backends()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return table;
}

}  // namespace warren::agent
