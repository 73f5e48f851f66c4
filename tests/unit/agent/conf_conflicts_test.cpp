#include "agent/conf_conflicts.hpp"

#include "tests/support/catch.hpp"

using namespace warren::agent;

namespace {

const std::string adds = "the broker looks for that node besides the one of 90-warren.conf";
const std::string overrules = "it is read after 90-warren.conf and overrules it";

std::vector<conf_conflict> conflicts(const std::vector<conf_file>& files) {
  return conflicting_keys(files, "/etc/rabbitmq/conf.d");
}

}  // namespace

TEST_CASE("keys that a door sets too do not conflict in what is read before it") {
  CHECK(
      conflicts({
                    {"/etc/rabbitmq/rabbitmq.conf",
                     "cluster_formation.peer_discovery_backend = k8s\n"
                     "cluster_formation.classic_config.nodes.1 = rabbit@other\n"
                     "cluster_formation.discovery_retry_limit = 3\n"
                     "cluster_formation.k8s.seed_node = rabbit@other\n"},
                    {"/etc/rabbitmq/conf.d/10-defaults.conf", "cluster_formation.node_type = ram"},
                })
          .empty());
}

TEST_CASE("another node of classic_config would be joined too, wherever it stands") {
  CHECK(
      conflicts({
          {"/etc/rabbitmq/rabbitmq.conf",
           "listeners.tcp.1 = 5672\ncluster_formation.classic_config.nodes.7 = rabbit@a\n"},
          {"/etc/rabbitmq/conf.d/10.conf", "cluster_formation.classic_config.nodes.01 = rabbit@b"},
          {"/etc/rabbitmq/conf.d/95.conf", "cluster_formation.classic_config.nodes.b = rabbit@c"},
      }) ==
      std::vector<conf_conflict>{
          {"/etc/rabbitmq/rabbitmq.conf", 2, "cluster_formation.classic_config.nodes.7", adds},
          {"/etc/rabbitmq/conf.d/10.conf", 1, "cluster_formation.classic_config.nodes.01", adds},
          {"/etc/rabbitmq/conf.d/95.conf", 1, "cluster_formation.classic_config.nodes.b", adds},
      });
}

TEST_CASE("a file of conf.d that is read after the door overrules it") {
  const std::vector<conf_file> files = {
      {"/etc/rabbitmq/conf.d/99-mine.conf",
       "cluster_formation.peer_discovery_backend = dns\ncluster_formation.dns.hostname = rmq\n"
       "cluster_formation.target_cluster_size_hint = 3\ncluster_formation.node_type = ram\n"},
  };
  const std::vector<conf_conflict> expected = {
      {"/etc/rabbitmq/conf.d/99-mine.conf", 1, "cluster_formation.peer_discovery_backend",
       overrules},
      {"/etc/rabbitmq/conf.d/99-mine.conf", 4, "cluster_formation.node_type", overrules},
  };
  CHECK(conflicts(files) == expected);
  CHECK(conflicting_keys(files, "/etc/rabbitmq/conf.d/") == expected);
}

TEST_CASE("the door does not conflict with itself, nor a file of another folder by its name") {
  const std::string text = "cluster_formation.node_type = disc\n";
  CHECK(conflicts({{"/etc/rabbitmq/conf.d/90-warren.conf",
                    text + "cluster_formation.classic_config.nodes.7 = rabbit@old\n"},
                   {"/etc/rabbitmq/rabbitmq.conf", text},
                   {"/etc/rabbitmq/conf.d/90-warren.conf.d/99.conf", text}})
            .empty());
}

TEST_CASE("advanced.config goes over everything, but for its comments") {
  CHECK(conflicting_terms("advanced.config", "[{rabbit,[{cluster_nodes,{[],disc}}]}].") ==
        std::vector<conf_conflict>{{"advanced.config", 0, "cluster_nodes",
                                    "it is laid over conf.d and overrules 90-warren.conf"}});
  CHECK(conflicting_terms("advanced.config", "[{rabbit,[\n{cluster_formation, []}]}].").size() ==
        1);
  CHECK(conflicting_terms("advanced.config", "[% cluster_nodes\n].").empty());
  CHECK(conflicting_terms("advanced.config", "").empty());
}
