#include "agent/classic_settings.hpp"

#include "agent/found_settings.hpp"
#include "agent/settings_table.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/settings_of.hpp"

#include <algorithm>
#include <set>

using namespace warren;
using agent::classic_finding;
using agent::find_classic_settings;
using agent::given_value;

namespace {

std::vector<classic_finding> found(const std::vector<given_value>& given,
                                   agent::peer_source source = agent::peer_source::kubernetes) {
  agent::settings s;
  s.peers.source = source;
  return find_classic_settings(given, s);
}

// Whether people are warned of a setting that is all there is.
bool warns(std::string name, std::string value,
           agent::peer_source source = agent::peer_source::kubernetes) {
  const auto findings = found({{std::move(name), std::move(value), ""}}, source);
  REQUIRE(findings.size() == 1);
  return findings[0].warns;
}

const std::string backend = "cluster_formation.peer_discovery_backend";

}  // namespace

TEST_CASE("what is found is told with its place, and values are not shown") {
  const auto findings = found({{"cluster_formation.consul.acl_token", "secret", "a.conf line 3"},
                               {"CONSUL_HOST", "consul.example", ""},
                               {"cluster_formation.k8s.service_name", "rmq", "a.conf line 1"},
                               {"PATH", "/bin", ""}});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].what == "cluster_formation.consul.acl_token (a.conf line 3), CONSUL_HOST");
  CHECK(findings[0].instead.find("Consul") != std::string_view::npos);
  CHECK(findings[0].warns);
}

TEST_CASE("people are warned of a backend that is not where the peers come from") {
  using agent::peer_source;
  for (const char* name : {"k8s", "kubernetes", "rabbit_peer_discovery_k8s"}) {
    CHECK_FALSE(warns(backend, name));
    CHECK(warns(backend, name, peer_source::dns));
  }
  CHECK_FALSE(warns(backend, "dns", peer_source::dns));
  CHECK(warns(backend, "dns", peer_source::fixed));
  CHECK_FALSE(warns(backend, "classic_config", peer_source::fixed));
  CHECK(warns(backend, "classic_config"));
  CHECK(warns(backend, "consul"));
  CHECK(warns("AUTOCLUSTER_TYPE", "etcd"));
  CHECK_FALSE(warns("AUTOCLUSTER_TYPE", "k8s"));
}

TEST_CASE("people are warned where what they wanted does not happen, and only there") {
  CHECK_FALSE(warns("cluster_formation.target_cluster_size_hint", "3"));
  CHECK(warns("cluster_formation.node_cleanup.only_log_warning", "false"));
  CHECK_FALSE(warns("cluster_formation.node_cleanup.only_log_warning", "true"));
  CHECK(warns("CLEANUP_WARN_ONLY", "false"));
  CHECK(warns("AUTOCLUSTER_CLEANUP", "true"));
  CHECK_FALSE(warns("AUTOCLUSTER_CLEANUP", "false"));
  CHECK(warns("AUTOCLUSTER_FAILURE", "ignore"));
  CHECK_FALSE(warns("AUTOCLUSTER_FAILURE", "stop"));
  CHECK(warns("cluster_formation.node_type", "ram"));
  CHECK_FALSE(warns("cluster_formation.node_type", "disc"));
  CHECK(warns("cluster_formation.randomized_startup_delay_range.min", "5"));
  CHECK_FALSE(warns("AUTOCLUSTER_DELAY", "5"));
  CHECK_FALSE(warns("cluster_formation.discovery_retry_limit", "10"));
  CHECK(warns("cluster_formation.dns.hostname", "rmq.example"));
  CHECK_FALSE(warns("cluster_formation.dns.hostname", "rmq.example", agent::peer_source::dns));
  CHECK(warns("cluster_formation.classic_config.nodes.2", "rabbit@b"));
  CHECK_FALSE(
      warns("cluster_formation.classic_config.nodes.2", "rabbit@b", agent::peer_source::fixed));
}

TEST_CASE("one value that is not wanted is enough, and many names are cut short") {
  std::vector<given_value> nodes;
  for (int n = 0; n < 20; ++n) {
    nodes.push_back({"cluster_formation.aws.tag" + std::to_string(n), "x", ""});
  }
  const auto findings = found(nodes);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].what.find("tag11 and 8 more") != std::string::npos);
  const auto both =
      found({{"CLEANUP_WARN_ONLY", "true", ""}, {"CLEANUP_ONLY_LOG_WARNING", "false", ""}});
  REQUIRE(both.size() == 1);
  CHECK(both[0].warns);
}

TEST_CASE("what kubelet sets for Services called consul and etcd is none of them") {
  CHECK(found({{"CONSUL_PORT", "tcp://10.96.0.7:8500", ""},
               {"CONSUL_PORT_8500_TCP", "tcp://10.96.0.7:8500", ""},
               {"CONSUL_SERVICE_HOST", "10.96.0.7", ""},
               {"CONSUL_SERVICE_PORT", "8500", ""},
               {"ETCD_PORT", "tcp://10.96.0.8:2379", ""},
               {"ETCD_SERVICE_HOST", "10.96.0.8", ""}})
            .empty());
  CHECK(found({{"CONSUL_PORT", "8500", ""}, {"ETCD_PORT", "2379", ""}}).size() == 2);
}

TEST_CASE("every setting of the peer discovery plugins and of rabbitmq-autocluster is understood") {
  std::set<std::string> known;
  for (const auto& group : agent::settings_table()) {
    for (const agent::setting& s : group.settings) {
      for (const std::string& name : s.variables()) known.insert(name);
      known.emplace(s.key);
    }
  }
  for (const char* name : {"cluster_formation.peer_discovery_backend",
                           "cluster_formation.node_type",
                           "cluster_formation.discovery_retry_limit",
                           "cluster_formation.discovery_retry_interval",
                           "cluster_formation.lock_retry_limit",
                           "cluster_formation.lock_retry_timeout",
                           "cluster_formation.internal_lock_retries",
                           "cluster_formation.target_cluster_size_hint",
                           "cluster_formation.randomized_startup_delay_range.min",
                           "cluster_formation.randomized_startup_delay_range.max",
                           "cluster_formation.registration.enabled",
                           "cluster_formation.node_cleanup.interval",
                           "cluster_formation.node_cleanup.only_log_warning",
                           "cluster_formation.k8s.host",
                           "cluster_formation.k8s.port",
                           "cluster_formation.k8s.scheme",
                           "cluster_formation.k8s.token_path",
                           "cluster_formation.k8s.cert_path",
                           "cluster_formation.k8s.namespace_path",
                           "cluster_formation.k8s.service_name",
                           "cluster_formation.k8s.address_type",
                           "cluster_formation.k8s.hostname_suffix",
                           "cluster_formation.k8s.ordinal_start",
                           "cluster_formation.k8s.seed_node",
                           "cluster_formation.k8s.tls.cacertfile",
                           "cluster_formation.proxy.http_proxy",
                           "cluster_formation.dns.hostname",
                           "cluster_formation.classic_config.nodes.1",
                           "cluster_formation.consul.svc",
                           "cluster_formation.etcd.endpoints.1",
                           "cluster_formation.aws.region",
                           "AUTOCLUSTER_TYPE",
                           "AUTOCLUSTER_FAILURE",
                           "AUTOCLUSTER_DELAY",
                           "LOCK_WAIT_TIME",
                           "AUTOCLUSTER_CLEANUP",
                           "AUTOCLUSTER_LOG_LEVEL",
                           "CLEANUP_INTERVAL",
                           "CLEANUP_WARN_ONLY",
                           "CLEANUP_ONLY_LOG_WARNING",
                           "RABBITMQ_USE_LONGNAME",
                           "RABBITMQ_NODENAME",
                           "RABBITMQ_NODE_TYPE",
                           "HTTP_PROXY",
                           "HTTPS_PROXY",
                           "PROXY_EXCLUSIONS",
                           "AWS_AUTOSCALING",
                           "AWS_EC2_TAGS",
                           "AWS_ACCESS_KEY_ID",
                           "AWS_SECRET_ACCESS_KEY",
                           "AWS_DEFAULT_REGION",
                           "AWS_USE_PRIVATE_IP",
                           "CLUSTER_NAME",
                           "CONSUL_SCHEME",
                           "CONSUL_HOST",
                           "CONSUL_PORT",
                           "CONSUL_LOCK_PREFIX",
                           "CONSUL_DOMAIN",
                           "CONSUL_SVC",
                           "CONSUL_SVC_ADDR",
                           "CONSUL_SVC_ADDR_AUTO",
                           "CONSUL_SVC_ADDR_NIC",
                           "CONSUL_SVC_ADDR_NODENAME",
                           "CONSUL_SVC_PORT",
                           "CONSUL_SVC_TTL",
                           "CONSUL_SVC_TAGS",
                           "CONSUL_DEREGISTER_AFTER",
                           "CONSUL_USE_LONGNAME",
                           "CONSUL_ACL_TOKEN",
                           "CONSUL_INCLUDE_NODES_WITH_WARNINGS",
                           "AUTOCLUSTER_HOST",
                           "K8S_SCHEME",
                           "K8S_HOST",
                           "K8S_PORT",
                           "K8S_TOKEN_PATH",
                           "K8S_CERT_PATH",
                           "K8S_NAMESPACE_PATH",
                           "K8S_SERVICE_NAME",
                           "K8S_ADDRESS_TYPE",
                           "K8S_HOSTNAME_SUFFIX",
                           "ETCD_SCHEME",
                           "ETCD_HOST",
                           "ETCD_PORT",
                           "ETCD_PREFIX",
                           "ETCD_NODE_TTL"}) {
    CAPTURE(name);
    CHECK((known.contains(name) || found({{name, "x", ""}}).size() == 1));
  }
}

TEST_CASE("a row has names, sentences and a condition in words") {
  std::vector<std::string_view> names;
  for (const agent::classic_setting& row : agent::classic_settings()) {
    CHECK_FALSE(row.names.empty());
    CHECK(row.instead.ends_with('.'));
    CHECK_FALSE(row.warning.when.empty());
    names.insert(names.end(), row.names.begin(), row.names.end());
  }
  std::ranges::sort(names);
  CHECK(std::ranges::adjacent_find(names) == names.end());
}

TEST_CASE("the settings that are read tell which classic ones were found, but not an agent's own") {
  testing::given_settings given;
  given.conf = "cluster_formation.node_cleanup.interval = 30\n";
  given.conf_d = {
      {"50.conf", "# Written by Warren\ncluster_formation.peer_discovery_backend = x\n"},
      {"60.conf", "cluster_formation.node_cleanup.interval = 40\n"}};
  given.variables = {{"AUTOCLUSTER_DELAY", "5"}, {"AUTOCLUSTER_FAILURE", ""}};
  const auto found_here = testing::found_settings_of(given).classic;
  REQUIRE(found_here.size() == 2);
  CHECK(found_here[0].what == "AUTOCLUSTER_DELAY");
  CHECK(found_here[1].what == "cluster_formation.node_cleanup.interval (60.conf line 1)");
}
