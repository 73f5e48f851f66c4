#include "tests/support/catch.hpp"
#include "tests/support/formation_views.hpp"

// A test per row of the table in the design's section on formation: a node's gate, before it opens.

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

// The two others run as the majority of three.
formation_view others_run() {
  formation_view view = first_start();
  runs(view, 1, nodes(3));
  runs(view, 2, nodes(3));
  return view;
}

}  // namespace

TEST_CASE("data and the mark of a member: opens, with a door that cannot make it join anything") {
  formation_view view = first_start();
  has_data(view);
  has_mark(view, {.node = node(0), .state = mark_state::member, .cluster_id = "cluster-1"});
  const formation_step door = decide(view);
  REQUIRE(door.act == formation_act::write_door);
  CHECK(door.door.kind == door_kind::closed);
  CHECK(door.door.pod_uid == uid_of(0));
  done(view, door);
  CHECK(decide(view).act == formation_act::open);
}

TEST_CASE("data and no mark, as of a cluster from before Warren: opens the same way") {
  formation_view view = first_start();
  has_data(view);
  CHECK(decide(view).door.kind == door_kind::closed);
  done(view, decide(view));
  CHECK(decide(view).act == formation_act::open);
}

TEST_CASE("data: looks for a cluster that does not list it before it opens") {
  formation_view view = first_start();
  has_data(view);
  view.began = looked_at - 1s;
  peer(view, 1).broker = {};
  CHECK(decide(view).act == formation_act::wait);
  view.began = looked_at - 3s;
  CHECK(decide(view).act == formation_act::write_door);
}

TEST_CASE("mark founding: goes on founding after everything was looked at anew") {
  formation_view view = first_start();
  has_mark(view, mark_of(mark_state::founding));
  has_record(view, {.founder = node(0), .founder_uid = uid_of(0)});
  const formation_step lock = decide(view);
  CHECK(lock.act == formation_act::take_lock);
  done(view, lock);
  // It was not written by this process: rewritten before it is obeyed.
  CHECK(decide(view).act == formation_act::write_record);
  CHECK(says(decide(view), "goes on founding"));
  decide_until(view, formation_act::open);
  CHECK(view.door.value.value()->kind == door_kind::found);
}

TEST_CASE(
    "mark founding, and the record names another: joins it once it has begun, for the own write "
    "may be late") {
  formation_view view = first_start();
  has_mark(view, mark_of(mark_state::founding));
  has_record(view, {.founder = node(1), .founder_uid = uid_of(1)});
  agent_of(view, 1).has_data = knowledge::unknown;
  CHECK(decide(view).act == formation_act::wait);
  CHECK(says(decide(view), "has not begun"));
  agent_of(view, 1).door = door{.kind = door_kind::found, .pod_uid = uid_of(1)};
  CHECK(decide(view).mark.target == node(1));
}

TEST_CASE("mark joining without data: decides anew whom to join") {
  formation_view view = first_start();
  has_mark(view, mark_of(mark_state::joining, node(2)));
  runs(view, 1, {node(1)});
  decide_until(view, formation_act::open);
  CHECK(view.disk.value->mark->target == node(1));
  CHECK(view.door.value.value()->kind == door_kind::seed);
  CHECK(view.door.value.value()->target == node(1));
}

TEST_CASE("mark joining with data: its broker boots, alone or as the member that it has become") {
  formation_view view = first_start();
  has_data(view);
  has_mark(view, mark_of(mark_state::joining, node(1)));
  SECTION("its target runs") {
    runs(view, 1, {node(1)});
  }
  SECTION("nobody runs: others may wait for it") {
    has_record(view, founded_record(3));
  }
  decide_until(view, formation_act::open);
  CHECK(view.door.value.value()->kind == door_kind::join_by_calls);
  CHECK(view.disk.value->mark->target == node(1));
}

TEST_CASE(
    "mark joining with data, and a door leads here: it does not boot where it may be joined") {
  formation_view view = first_start();
  has_data(view);
  has_mark(view, mark_of(mark_state::joining, node(1)));
  runs(view, 1, {node(1)});
  agent_of(view, 2).door = door{.kind = door_kind::seed, .target = node(0)};
  const formation_step step = decide(view);
  CHECK(step.act == formation_act::wait);
  CHECK(says(step, node(2)));
}

TEST_CASE("data, but a running majority does not list this node: stays closed, and says the cure") {
  formation_view view = first_start();
  has_data(view);
  runs(view, 1, {node(1), node(2)});
  runs(view, 2, {node(1), node(2)});
  const formation_step step = decide(view);
  CHECK(step.act == formation_act::wait);
  CHECK(step.problem == "StaleData");
  CHECK(says(step, "delete its claim"));
}

TEST_CASE("data of another cluster than the record's: stays closed") {
  formation_view view = first_start();
  has_data(view);
  has_mark(view, {.node = node(0), .state = mark_state::member, .cluster_id = "cluster-0"});
  has_record(view, founded_record(3));
  CHECK(decide(view).problem == "StaleData");
}

TEST_CASE("only data of another node name: stays closed") {
  formation_view view = first_start();
  view.disk.value->other_nodes = {"rabbit@old"};
  const formation_step step = decide(view);
  CHECK(step.problem == "StaleData");
  CHECK(says(step, "rabbit@old"));
}

TEST_CASE("an unreadable data folder is never taken as virgin") {
  formation_view view = first_start();
  view.disk.value->has_data = knowledge::unknown;
  view.disk.value->detail = "the folder cannot be read";
  CHECK(decide(view).problem == "DataFolderUnreadable");
  runs(view, 1, nodes(2));
  CHECK(decide(view).act == formation_act::wait);
}

TEST_CASE("virgin, and a peer runs in a cluster that does not list it: joins it") {
  formation_view view = first_start();
  runs(view, 1, {node(1), node(2)});
  runs(view, 2, {node(1), node(2)});
  const formation_step first = decide(view);
  REQUIRE(first.act == formation_act::write_mark);
  CHECK(first.mark.state == mark_state::joining);
  CHECK(first.mark.target == node(1));
  decide_until(view, formation_act::open);
  CHECK(view.door.value.value()->kind == door_kind::seed);
}

TEST_CASE("virgin, and the cluster still lists it: forgets the old incarnation first") {
  formation_view view = others_run();
  has_record(view, founded_record(3));
  CHECK(decide(view).act == formation_act::take_lock);
  const formation_step noted = decide_until(view, formation_act::write_record);
  CHECK(noted.record.forgetting == node(0));
  done(view, noted);
  const formation_step forgets = decide(view);
  CHECK(forgets.act == formation_act::forget);
  CHECK(forgets.via == node(1));
  done(view, forgets);
  const formation_step cleared = decide(view);
  REQUIRE(cleared.act == formation_act::write_record);
  CHECK(cleared.record.forgetting.empty());
  CHECK(cleared.record.members == std::vector<std::string>{node(1), node(2)});
  done(view, cleared);
  decide_until(view, formation_act::open);
  CHECK(view.door.value.value()->kind == door_kind::seed);
}

TEST_CASE("forgetting that another agent began is completed although the member is gone already") {
  formation_view view = first_start();
  runs(view, 1, {node(1), node(2)});
  runs(view, 2, {node(1), node(2)});
  cluster_record record = founded_record(3);
  record.forgetting = node(0);
  has_record(view, record);
  const formation_step step = decide_until(view, formation_act::forget);
  done(view, step);
  CHECK(decide(view).record.forgetting.empty());
}

TEST_CASE("the lock is lost before the old incarnation is forgotten: it is taken again") {
  formation_view view = others_run();
  has_record(view, founded_record(3));
  decide_until(view, formation_act::forget);
  view.lock_until = looked_at;
  CHECK(decide(view).act == formation_act::take_lock);
}

TEST_CASE("virgin, nobody runs, nobody holds data: founds, written ahead and under the lock") {
  formation_view view = first_start();
  CHECK(decide(view).act == formation_act::take_lock);
  CHECK(decide_until(view, formation_act::write_mark).mark.state == mark_state::founding);
  const formation_step named = decide_until(view, formation_act::write_record);
  CHECK(named.record.founder == node(0));
  CHECK(named.record.founder_uid == uid_of(0));
  CHECK_FALSE(named.record.founded);
  done(view, named);
  CHECK(decide(view).door.kind == door_kind::found);
  done(view, decide(view));
  CHECK(decide(view).act == formation_act::open);
}

TEST_CASE("nothing is founded before all was looked at since the lock was taken") {
  formation_view view = first_start();
  done(view, decide(view));
  peer(view, 2).agent.seen_at = looked_at - 1s;
  CHECK(decide(view).act == formation_act::wait);
  peer(view, 2).agent.seen_at = looked_at;
  CHECK(decide(view).act == formation_act::write_mark);
}

TEST_CASE("a recorded member that is not expected any more holds the founding up as well") {
  formation_view view = first_start(3);
  view.expected.saw(nodes(2), looked_at);
  has_record(view, founded_record(3));
  falls_silent(view, 2);
  const formation_step step = decide(view);
  CHECK(step.act == formation_act::wait);
  CHECK(says(step, node(2)));
}

TEST_CASE("virgin, and a member holds data or may: waits for it by name") {
  formation_view view = first_start();
  SECTION("its agent says so") {
    agent_of(view, 2).has_data = knowledge::yes;
  }
  SECTION("its agent does not know") {
    agent_of(view, 2).has_data = knowledge::unknown;
  }
  SECTION("its agent is silent") {
    falls_silent(view, 2);
  }
  SECTION("its agent's answer is old") {
    peer(view, 2).agent.seen_at = looked_at - 6s;
  }
  SECTION("another pod's agent answers") {
    agent_of(view, 2).pod_uid = "uid-old";
  }
  SECTION("its broker may run") {
    peer(view, 2).broker.value->state = presence::unknown;
  }
  SECTION("its broker answers") {
    peer(view, 2).broker.value->state = presence::runs;
  }
  SECTION("its pod is gone and its claim is there") {
    has_no_pod(view, 2, knowledge::yes);
  }
  SECTION("its claim is not known") {
    has_no_pod(view, 2, knowledge::unknown);
  }
  SECTION("nothing is known of it") {
    view.members.pop_back();
  }
  const formation_step step = decide(view);
  CHECK(step.act == formation_act::wait);
  CHECK(step.problem == "FormationWaiting");
  CHECK(says(step, node(2)));
}

TEST_CASE("found-when majority: members that may hold data do not count, those that do count") {
  formation_view view = first_start();
  falls_silent(view, 2);
  const formation_settings majority{.majority_founds = true};
  CHECK(decide(view, majority).act == formation_act::take_lock);
  falls_silent(view, 1);
  CHECK(decide(view, majority).act == formation_act::wait);
  view = first_start();
  agent_of(view, 2).has_data = knowledge::yes;
  CHECK(decide(view, majority).act == formation_act::wait);
}

TEST_CASE("how many are expected is not known: nothing is founded") {
  formation_view view = first_start();
  view.expected = {};
  CHECK(decide(view).act == formation_act::wait);
}

TEST_CASE("virgin, and a member with data boots but waits for this one: force_boot is named") {
  formation_view view = first_start();
  agent_of(view, 1).has_data = knowledge::yes;
  peer(view, 1).broker.saw({.state = presence::runs, .boot = boot_state::booting}, looked_at);
  const formation_step step = decide(view);
  CHECK(step.act == formation_act::wait);
  CHECK(step.problem == "ForceBootNeeded");
  CHECK(says(step, node(1)));
  CHECK(says(step, "force_boot"));
}

TEST_CASE("virgin, and the cluster that lists it has no majority: says who is missing") {
  formation_view view = first_start();
  runs(view, 1, nodes(3));
  falls_silent(view, 2);
  const formation_step step = decide(view);
  CHECK(step.act == formation_act::wait);
  CHECK(step.problem == "QuorumLost");
}

TEST_CASE("two members, one disk lost: on Mnesia the survivor forgets, on Khepri it cannot") {
  formation_view view = first_start(2);
  runs(view, 1, nodes(2));
  has_record(view, founded_record(2));
  CHECK(decide(view).problem == "QuorumLost");
  CHECK(says(decide(view), "force_standalone_khepri_boot"));
  peer(view, 1).broker.value->store = metadata_store::mnesia;
  CHECK(decide_until(view, formation_act::forget).via == node(1));
}

TEST_CASE(
    "API unreachable: with data it opens, virgin it joins only if nothing must be forgotten") {
  formation_view view = first_start();
  loses_the_api(view);
  SECTION("with data") {
    has_data(view);
    CHECK(decide(view).act == formation_act::write_door);
  }
  SECTION("virgin, nobody runs") {
    CHECK(decide(view).act == formation_act::wait);
  }
  SECTION("virgin, a cluster runs") {
    runs(view, 1, {node(1), node(2)});
    CHECK(decide(view).mark.state == mark_state::joining);
  }
  SECTION("virgin, a cluster runs that lists it") {
    runs(view, 1, nodes(3));
    runs(view, 2, nodes(3));
    CHECK(decide(view).act == formation_act::wait);
  }
}

TEST_CASE("no Leases: the lowest expected ordinal founds, and no other") {
  formation_view view = first_start();
  view.leases = false;
  view.record = {};
  agent_of(view, 1).leases = agent_of(view, 2).leases = knowledge::no;
  CHECK(decide_until(view, formation_act::write_mark).mark.state == mark_state::founding);
  agent_of(view, 2).leases = knowledge::yes;
  CHECK(says(decide(view), "may not use Leases"));
  view.expected.saw({node(1), node(0), node(2)}, looked_at);
  CHECK(says(decide(view), node(1)));
}

TEST_CASE("OrderedReady: what pods that are not created yet hold is decided by their claims") {
  formation_view view = first_start();
  view.ordered_ready = true;
  has_no_pod(view, 1, knowledge::no);
  has_no_pod(view, 2, knowledge::no);
  CHECK(decide(view).act == formation_act::take_lock);
  has_no_pod(view, 2, knowledge::unknown);
  const formation_step step = decide(view);
  CHECK(step.act == formation_act::wait);
  CHECK(says(step, "OrderedReady"));
}

TEST_CASE("another node is founding: joins it, and founds only when that pod says it never began") {
  formation_view view = first_start();
  has_record(view, {.founder = node(1), .founder_uid = uid_of(1)});
  agent_of(view, 1).has_data = knowledge::unknown;
  SECTION("its pod is there") {
    CHECK(decide(view).mark.target == node(1));
    decide_until(view, formation_act::open);
    CHECK(view.door.value.value()->kind == door_kind::seed);
  }
  SECTION("its pod is gone, its claim is not") {
    has_no_pod(view, 1, knowledge::yes);
    CHECK(decide(view).act == formation_act::wait);
  }
  SECTION("it says that it never began") {
    agent_of(view, 1).has_data = knowledge::no;
    CHECK(decide_until(view, formation_act::write_record).record.founder == node(0));
  }
  SECTION("its successor has no data") {
    peer(view, 1).pod_uid = "uid-new";
    agent_of(view, 1) = {.pod_uid = "uid-new", .has_data = knowledge::no};
    CHECK(decide_until(view, formation_act::write_record).record.founder == node(0));
  }
}
