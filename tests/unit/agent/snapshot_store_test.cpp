#include "agent/snapshot_store.hpp"

#include "tests/support/broker_views.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using namespace std::chrono_literals;

namespace {
const base::time_point start{1h};
}  // namespace

TEST_CASE("the broker's time to boot counts from when it may start") {
  agent::snapshot first;
  first.clocks.opened_at = start;
  agent::snapshot_store store(first, {});
  const auto away = [](agent::snapshot& s) {
    s.world.broker = testing::broker_without_link(domain::link_state::away, start);
  };
  store.change(start, away);
  store.change(start + 1s, [](agent::snapshot&) {});
  CHECK(store.current().clocks.opened_at == start);
  store.change(start + 2s, [](agent::snapshot& s) { s.may_start = true; });
  CHECK(store.current().clocks.opened_at == start + 2s);
  store.change(start + 3s, [](agent::snapshot& s) { s.may_start = true; });
  CHECK(store.current().clocks.opened_at == start + 2s);
}

TEST_CASE("a worker that takes over from one that had opened keeps the time") {
  agent::snapshot carried;
  carried.clocks.opened_at = start;
  carried.may_start = true;
  agent::snapshot_store store(carried, {});
  store.change(start + 1s, [](agent::snapshot&) {});
  CHECK(store.current().clocks.opened_at == start);
}

TEST_CASE("the sights are those of the peers, from the very change of the list on") {
  agent::snapshot first;
  first.world.node = "rabbit@rmq-0";
  agent::snapshot_store store(first, {});
  const auto list = [&](std::string uid) {
    store.change(start, [&](agent::snapshot& s) {
      s.world.peers.value = {.peers = {{.node = "rabbit@rmq-1", .uid = std::move(uid)}}};
      ++s.peers_revision;
    });
  };
  list("u1");
  store.change(start, [](agent::snapshot& s) { s.sights.at("rabbit@rmq-1").agent.saw({}, start); });
  CHECK(store.current().sights.at("rabbit@rmq-1").agent.current());
  list("u2");
  CHECK_FALSE(store.current().sights.at("rabbit@rmq-1").agent.value.has_value());
}

namespace {

// The store of an agent with a gate that has waited since `start`.
agent::snapshot_store gated() {
  agent::snapshot first;
  first.gate_mode = true;
  first.clocks.opened_at = start;
  return {first, {}};
}

// What the brokers a and b say, each of the cluster of both but the other side of a split.
void see_a_split(agent::snapshot& s, base::time_point now) {
  const auto side = [](const std::string& node) {
    return domain::broker_facts{.state = domain::presence::runs,
                                .boot = domain::boot_state::ready,
                                .cluster_id = "id",
                                .cluster = domain::membership{{"a", "b", "c"}, {node}, {}}};
  };
  s.world.node = "a";
  s.formation.broker.saw(side("a"), now);
  s.sights["b"].broker.saw(side("b"), now);
}

}  // namespace

TEST_CASE("a closed gate holds the broker back with the decision's reason, an open one does not") {
  agent::snapshot_store store = gated();
  store.change(start + 1s, [](agent::snapshot&) {});
  CHECK_FALSE(store.current().world.broker.held_back.empty());
  store.change(start + 2s, [](agent::snapshot& s) { s.decision.reason = "waiting for b"; });
  CHECK(store.current().world.broker.held_back == "waiting for b");
  CHECK(store.current().world.gate.wired);
  CHECK_FALSE(store.current().world.gate.open);

  // Without these it would be taken for an agent that was paused.
  for (base::duration t = 4s; t < 12s; t += 2s) store.change(start + t, [](agent::snapshot&) {});
  store.change(start + 12s, [](agent::snapshot& s) {
    s.decision = {.act = domain::formation_act::open, .reason = "founds the cluster"};
    s.formation.disk.saw({.mark = domain::mark{.state = domain::mark_state::founding}}, start);
  });
  store.change(start + 12s, [](agent::snapshot& s) {
    s.may_start = true;
    s.decision = {.reason = "its broker boots"};
  });
  const domain::gate_view& gate = store.current().world.gate;
  CHECK(gate.open);
  CHECK(gate.founds);
  CHECK(gate.why == "founds the cluster");
  CHECK(gate.waited == 12s);
  CHECK(store.current().world.broker.held_back.empty());
}

TEST_CASE("without a gate nothing holds the broker back") {
  agent::snapshot_store store({}, {});
  store.change(start, [](agent::snapshot&) {});
  CHECK(store.current().world.broker.held_back.empty());
  CHECK_FALSE(store.current().world.gate.wired);
}

TEST_CASE("a split among the brokers that were seen is a problem that gets older") {
  agent::snapshot_store store({}, {});
  for (const base::duration t : {0s, 3s, 6s}) {
    store.change(start + t, [t](agent::snapshot& s) {
      see_a_split(s, start + t);
      agent::look_at_cluster(s, start + t);
    });
  }
  CHECK(store.current().cluster.groups.size() == 2);
  CHECK_FALSE(store.current().cluster.pods_known);
  REQUIRE(store.current().world.problems.all.size() == 1);
  const domain::cluster_problem& split = store.current().world.problems.all[0];
  CHECK(split.reason == "ClusterSplitDetected");
  CHECK(split.since == start);
  CHECK(split.stands);
}

TEST_CASE("members without a pod are looked for only in a list that has the own node") {
  agent::snapshot_store store({}, {});
  const auto listing = [&](const std::vector<std::string>& nodes) {
    store.change(start, [&](agent::snapshot& s) {
      see_a_split(s, start);
      domain::peer_list list;
      for (const std::string& node : nodes) list.peers.push_back({.node = node});
      s.world.peers.saw(list, start);
      agent::look_at_cluster(s, start);
    });
    return store.current().cluster;
  };
  CHECK(listing({"a", "b"}).without_pod == std::vector<std::string>{"c"});
  CHECK_FALSE(listing({"x"}).pods_known);
}
