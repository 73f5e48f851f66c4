#include "tests/support/catch.hpp"
#include "tests/support/formation_views.hpp"

// Which door a node goes through, what it does behind it, and what its agent tells the others.

using namespace warren;
using namespace warren::domain;
using namespace warren::testing;
using namespace std::chrono_literals;

namespace {

mark mark_of(mark_state state, const std::string& target = {}) {
  return {.node = node(0), .state = state, .target = target};
}

bool says(const formation_step& step, const std::string& text) {
  return step.reason.find(text) != std::string::npos;
}

// Its gate is open, and its door leads to node 1.
formation_view joining_view() {
  formation_view view = first_start();
  view.gate_open = true;
  view.boots_since = looked_at;
  has_mark(view, mark_of(mark_state::joining, node(1)));
  view.door.saw(door{.kind = door_kind::seed, .target = node(1), .pod_uid = uid_of(0)}, looked_at);
  return view;
}

}  // namespace

TEST_CASE("a broker that runs alone with the mark joining is no cluster, with another mark it is") {
  formation_view view = first_start();
  runs(view, 1, {node(1)});
  CHECK(clusters_of(view, {}, looked_at).clusters.size() == 1);
  agent_of(view, 1).mark->state = mark_state::joining;
  CHECK(clusters_of(view, {}, looked_at).clusters.empty());
  // It will join whatever cluster there is.
  formation_view copy = view;
  CHECK(decide_until(copy, formation_act::write_mark).mark.state == mark_state::founding);
  falls_silent(view, 1);
  runs(view, 1, {node(1)});
  peer(view, 1).agent = {};
  CHECK(clusters_of(view, {}, looked_at).unclear == node(1));
  CHECK(decide(view).act == formation_act::wait);
}

TEST_CASE("two clusters run: joins none, and says so") {
  formation_view view = first_start();
  runs(view, 1, {node(1)}, "cluster-1");
  runs(view, 2, {node(2)}, "cluster-2");
  CHECK(decide(view).problem == "ClusterSplitDetected");
}

TEST_CASE("a person says found or join: noted in the record first") {
  formation_view view = first_start();
  falls_silent(view, 1);
  SECTION("found") {
    view.person = overrule{.found = true};
    CHECK(decide(view).record.founder_uid == uid_of(0));
    decide_until(view, formation_act::open);
    CHECK(view.door.value.value()->kind == door_kind::found);
  }
  SECTION("join") {
    view.person = overrule{.target = node(2)};
    // Without a record there is nothing to note it in: an empty one would name no cluster.
    CHECK(decide(view).act != formation_act::write_record);
    formation_view noted = view;
    const cluster_record known{.founded = true, .cluster_id = "cluster", .members = {node(2)}};
    noted.record.saw({.record = known, .resource_version = "7"}, looked_at);
    CHECK(decide(noted).record.overruled.find(node(2)) != std::string::npos);
    decide_until(view, formation_act::open);
    CHECK(view.disk.value->mark->target == node(2));
  }
  SECTION("found, but a cluster runs by now: the record stays") {
    runs(view, 2, nodes(3));
    has_record(view, founded_record(3));
    view.person = overrule{.found = true};
    CHECK(decide(view).act == formation_act::wait);
  }
  SECTION("join one that is not seen to run, on 4.0: whatever runs later, by calls it joins that") {
    view.version = "4.0.5";
    view.seed_plugin = false;
    has_no_pod(view, 1, knowledge::no);
    view.person = overrule{.target = node(2)};
    decide_until(view, formation_act::open);
    CHECK(view.door.value.value()->kind == door_kind::join_by_calls);
  }
  SECTION("with data nothing is done") {
    view.person = overrule{.found = true};
    has_data(view);
    CHECK(decide(view).act == formation_act::wait);
  }
}

TEST_CASE("no data is told only while virgin, closed, without door, lock or founding") {
  formation_view view = first_start();
  CHECK(told_data(view) == knowledge::no);
  SECTION("data") {
    has_data(view);
    CHECK(told_data(view) == knowledge::yes);
  }
  SECTION("a mark") {
    has_mark(view, mark_of(mark_state::founding));
    // With Leases the founding begins with the record.
    CHECK(told_data(view) == knowledge::no);
    view.leases = false;
    CHECK(told_data(view) == knowledge::unknown);
    has_mark(view, mark_of(mark_state::member));
    CHECK(told_data(view) == knowledge::unknown);
  }
  SECTION("an open gate") {
    view.gate_open = true;
    CHECK(told_data(view) == knowledge::unknown);
  }
  SECTION("a door") {
    view.door.saw(door{.kind = door_kind::found, .pod_uid = uid_of(0)}, looked_at);
    CHECK(told_data(view) == knowledge::unknown);
  }
  SECTION("the lock") {
    view.lock_taken_at = looked_at;
    CHECK(told_data(view) == knowledge::unknown);
  }
  SECTION("its own founding") {
    has_record(view, {.founder = node(0), .founder_uid = uid_of(0)});
    CHECK(told_data(view) == knowledge::unknown);
  }
  SECTION("the record was not read") {
    view.record = {};
    CHECK(told_data(view) == knowledge::unknown);
  }
}

TEST_CASE(
    "a member that is alone but recorded is the cluster, though its mark is not written yet") {
  formation_view view = first_start();
  runs(view, 1, {node(1)});
  agent_of(view, 1).mark->state = mark_state::joining;
  has_record(view, founded_record(2));
  CHECK(clusters_of(view, {}, looked_at).clusters.size() == 1);
  CHECK(decide(view).mark.target == node(1));
}

TEST_CASE("joining by calls: the broker runs alone, and joins under the lock") {
  formation_view view = joining_view();
  runs(view, 1, {node(1)});
  runs_itself(view, {node(0)}, "cluster-0");
  CHECK(decide(view).act == formation_act::take_lock);
  CHECK(decide_until(view, formation_act::join).via == node(1));
}

TEST_CASE(
    "joining by calls: the cluster lists it since it ended in a join, and Mnesia refuses it") {
  formation_view view = joining_view();
  runs(view, 1, nodes(2));
  runs_itself(view, {node(0)}, "cluster-0");
  peer(view, 1).broker.value->store = metadata_store::mnesia;
  SECTION("it is forgotten first") {
    CHECK(decide_until(view, formation_act::forget).via == node(1));
  }
  SECTION("not while the other would be taken for one that has not joined either") {
    agent_of(view, 1).mark->state = mark_state::joining;
    CHECK(decide(view).act == formation_act::wait);
  }
  SECTION("not without a majority") {
    peer(view, 1).broker.value->cluster->members = nodes(3);
    CHECK(decide(view).problem == "QuorumLost");
  }
  SECTION("Khepri adds it again by itself") {
    peer(view, 1).broker.value->store = metadata_store::khepri;
    decide_until(view, formation_act::join);
  }
}

TEST_CASE("joining by calls: its agent ended in between, and the broker is left stopped") {
  formation_view view = joining_view();
  view.broker.saw({.state = presence::runs, .boot = boot_state::stopped}, looked_at);
  SECTION("a cluster runs: it joins") {
    runs(view, 1, {node(1)});
  }
  SECTION("nobody runs: the call starts it again") {}
  CHECK(decide_until(view, formation_act::join).via == node(1));
}

TEST_CASE("behind a door: the node it leads to does not run, another member does") {
  formation_view view = joining_view();
  runs(view, 2, {node(2)});
  view.broker.saw({.state = presence::runs, .boot = boot_state::booting}, looked_at);
  CHECK(decide(view).act == formation_act::wait);
  view.door_since = looked_at - 30s;
  const formation_step mark_first = decide(view);
  CHECK(mark_first.mark.target == node(2));
  done(view, mark_first);
  const formation_step door = decide(view);
  CHECK(door.door.target == node(2));
  CHECK(door.restart);
}

TEST_CASE("behind a door: the broker has not read it, and is restarted once") {
  formation_view view = joining_view();
  runs(view, 1, {node(1)});
  view.broker.saw({.state = presence::runs, .boot = boot_state::booting}, looked_at);
  view.door_read = false;
  CHECK(decide(view).restart);
  view.restarting = true;
  CHECK(decide(view).act == formation_act::wait);
}

TEST_CASE("behind a door: a slow join is let be, a refused one is made by calls") {
  formation_view view = joining_view();
  runs(view, 1, {node(1)});
  view.broker.saw({.state = presence::runs, .boot = boot_state::booting}, looked_at);
  CHECK(decide(view).act == formation_act::wait);
  view.boots_since = looked_at - 30s;
  CHECK(decide(view).act == formation_act::wait);
  // Mnesia refuses a node that its cluster lists.
  runs(view, 1, {node(0), node(1)});
  peer(view, 1).broker.value->store = metadata_store::mnesia;
  peer(view, 1).broker.value->cluster->running = {node(1)};
  runs(view, 2, {node(0), node(1)});
  peer(view, 2).broker.value->store = metadata_store::mnesia;
  CHECK(decide(view).door.kind == door_kind::join_by_calls);
  CHECK(decide(view).restart);
}

TEST_CASE(
    "behind a door: two members on Mnesia, of which one is left, can forget this node's try") {
  formation_view view = joining_view();
  runs(view, 1, nodes(2));
  view.broker.saw({.state = presence::runs, .boot = boot_state::booting}, looked_at);
  view.boots_since = looked_at - 30s;
  CHECK(decide(view).act == formation_act::wait);
  peer(view, 1).broker.value->store = metadata_store::mnesia;
  CHECK(decide(view).door.kind == door_kind::join_by_calls);
}

TEST_CASE("alone for half a minute, and nobody to join: says so, with the cure") {
  formation_view view = joining_view();
  runs_itself(view, {node(0)}, "cluster-0");
  view.door_since = looked_at;
  CHECK(decide(view).problem.empty());
  view.door_since = looked_at - 30s;
  CHECK(decide(view).problem == "FormationWaiting");
  CHECK(says(decide(view), "delete this pod and its claim"));
}

TEST_CASE(
    "the record's cluster is nowhere any more: the one that runs everywhere takes its place") {
  formation_view view = joining_view();
  has_mark(view, {.node = node(0), .state = mark_state::member, .cluster_id = "cluster-2"});
  view.door.saw(door{.kind = door_kind::closed, .pod_uid = uid_of(0)}, looked_at);
  has_record(view, founded_record(3));
  runs(view, 1, nodes(3));
  runs(view, 2, nodes(3));
  runs_itself(view, nodes(3), "cluster-2");
  const formation_step step = decide(view);
  REQUIRE(step.act == formation_act::write_record);
  CHECK(step.record.cluster_id == "cluster-2");
  // One of its members might still have the other's data.
  view.broker.value->cluster->running = nodes(2);
  falls_silent(view, 2);
  CHECK(decide(view).problem == "ClusterSplitDetected");
}

TEST_CASE("a member by now: notes it, closes its door, keeps the record") {
  formation_view view = joining_view();
  runs(view, 1, nodes(2));
  runs_itself(view, nodes(2));
  const formation_step mark = decide(view);
  CHECK(mark.mark.state == mark_state::member);
  CHECK(mark.mark.cluster_id == "cluster-1");
  done(view, mark);
  const formation_step door = decide(view);
  CHECK(door.door.kind == door_kind::closed);
  done(view, door);
  const formation_step record = decide(view);
  REQUIRE(record.act == formation_act::write_record);
  CHECK(record.record.founded);
  CHECK(record.record.members == nodes(2));
  done(view, record);
  CHECK(decide(view).act == formation_act::wait);
}

TEST_CASE("it runs in another cluster than the record's: says so, and is no member of that") {
  formation_view view = joining_view();
  has_record(view, founded_record(2));
  runs_itself(view, {node(0), node(2)}, "cluster-2");
  CHECK(decide(view).problem == "ClusterSplitDetected");
}
