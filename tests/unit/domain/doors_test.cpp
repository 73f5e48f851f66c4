#include "agent/domain/doors.hpp"

#include "agent/rabbitmq_conf.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <map>

using namespace warren::domain;

namespace {

const std::string own = "rabbit@rmq-1.rmq.lab.svc.cluster.local";
const std::string founder = "rabbit@rmq-0.rmq.lab.svc.cluster.local";

door a_door(door_kind kind) {
  const bool joins = kind != door_kind::closed && kind != door_kind::found;
  return {.kind = kind, .target = joins ? founder : "", .pod_uid = "6a5c-11"};
}

// The settings as a broker takes them: without the prefix that all have.
std::map<std::string, std::string> settings_of(door_kind kind) {
  std::map<std::string, std::string> settings;
  for (const auto& each : warren::agent::parse_rabbitmq_conf(door_text(a_door(kind), own))) {
    const std::string prefix = "cluster_formation.";
    REQUIRE(each.key.starts_with(prefix));
    settings[each.key.substr(prefix.size())] = each.value;
  }
  return settings;
}

}  // namespace

TEST_CASE("a founder is told of itself alone, and so is a node that will be made to join") {
  for (const door_kind kind : {door_kind::found, door_kind::join_by_calls}) {
    auto settings = settings_of(kind);
    CHECK(settings["peer_discovery_backend"] == "classic_config");
    CHECK(settings["classic_config.nodes.1"] == own);
    CHECK(settings["node_type"] == "disc");
  }
}

TEST_CASE("a joiner is told of its target alone and never stops trying") {
  auto settings = settings_of(door_kind::classic);
  CHECK(settings["peer_discovery_backend"] == "classic_config");
  CHECK(settings["classic_config.nodes.1"] == founder);
  CHECK(settings["discovery_retry_limit"] == "2147483647");
  CHECK(settings["discovery_retry_interval"] == "500");
  CHECK_FALSE(settings.contains("k8s.seed_node"));
}

TEST_CASE("from 4.1 on the target is the seed node") {
  auto settings = settings_of(door_kind::seed);
  CHECK(settings["peer_discovery_backend"] == "k8s");
  CHECK(settings["k8s.seed_node"] == founder);
  CHECK_FALSE(settings.contains("classic_config.nodes.1"));
  CHECK_FALSE(
      settings.contains("discovery_retry_limit"));  // the plugin warns that it tries for ever
}

TEST_CASE("a closed door names a node that is never there, at the own host, for ever") {
  auto settings = settings_of(door_kind::closed);
  CHECK(settings["peer_discovery_backend"] == "classic_config");
  CHECK(settings["classic_config.nodes.1"] == "warren-closed@rmq-1.rmq.lab.svc.cluster.local");
  CHECK(settings["discovery_retry_limit"] == "2147483647");
}

TEST_CASE("a door sets the keys that are known to be its own and each but once") {
  for (const door_kind kind : all_door_kinds) {
    const auto settings = warren::agent::parse_rabbitmq_conf(door_text(a_door(kind), own));
    CHECK(settings.size() == settings_of(kind).size());
    for (const auto& each : settings) {
      CAPTURE(each.key);
      CHECK(std::find(door_keys.begin(), door_keys.end(), each.key) != door_keys.end());
    }
  }
}

TEST_CASE("a door is read back from its text") {
  for (const door_kind kind : all_door_kinds) {
    CAPTURE(name(kind));
    CHECK(parse_door(door_text(a_door(kind), own)) == a_door(kind));
  }
  const door without_uid{.kind = door_kind::found};
  CHECK(parse_door(door_text(without_uid, own)) == without_uid);
}

TEST_CASE("a text that is no door gives none") {
  const std::string good = door_text(a_door(door_kind::seed), own);
  for (const std::string& text : {
           std::string(),
           std::string("cluster_formation.peer_discovery_backend = k8s\n"),
           std::string("# warren-door kind=ajar target= pod_uid=\n"),
           std::string("# warren-door kind=found target= pod_uid="),  // cut off in its first line
           std::string("# warren-door kind=found pod_uid= target=\n"),
           std::string("# warren-door kind=found target= pod_uid= more\n"),
           std::string("# warren-door kind=seed target=a b pod_uid=\n"),
           std::string("# warren-door kind=seed target= pod_uid=\n"),  // whom?
           std::string(
               "# warren-door kind=found target=rabbit@a pod_uid=\n"),  // a founder joins nobody
           std::string("# warren-door kind=seed target=rabbit pod_uid=\n"),
           std::string("# warren-door kind=found target= pod_uid=a/b\n"),
           "\n" + good,
           good.substr(0, good.find('\n')),
       }) {
    CAPTURE(text);
    CHECK_FALSE(parse_door(text));
  }
}

TEST_CASE("what could change the meaning of the file is no node name") {
  for (const char* good : {"rabbit@rmq-0", "rabbit@rmq-0.rmq.svc", "a_b-c.1@h", "rabbit@10.0.0.1",
                           "rabbit@fd77:1::a"}) {
    CAPTURE(good);
    CHECK(is_node_name(good));
  }
  for (const char* bad :
       {"", "rabbit", "@rmq-0", "rabbit@", "rabbit@a@b", "rabbit@a b", "rabbit@a\n", "rabbit@a#b",
        "rabbit@a=b", "rabbit@a'b", "rabbit@\xc3\xa4"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_node_name(bad));
  }
  CHECK(is_node_name("r@" + std::string(253, 'a')));
  CHECK_FALSE(is_node_name("r@" + std::string(254, 'a')));
}

TEST_CASE("a pod uid is of letters, digits and dashes, or nothing") {
  CHECK(is_pod_uid(""));
  CHECK(is_pod_uid("0f0e6a5c-1d2b-4c3a-9e8f-112233445566"));
  CHECK_FALSE(is_pod_uid("a b"));
  CHECK_FALSE(is_pod_uid("a\n"));
  CHECK_FALSE(is_pod_uid(std::string(300, 'a')));
}
