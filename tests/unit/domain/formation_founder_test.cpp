#include "tests/support/catch.hpp"
#include "tests/support/formation_views.hpp"

// To whom, and by which door, while the founder has not booted; and a founder that begins again.

using namespace warren;
using namespace warren::domain;
using namespace warren::testing;
using namespace std::chrono_literals;

namespace {

bool says(const formation_step& step, const std::string& text) {
  return step.reason.find(text) != std::string::npos;
}

// The gates of the other two are open, and their brokers wait for this node.
void others_join(formation_view& view) {
  for (const int n : {1, 2}) {
    agent_facts& agent = agent_of(view, n);
    agent.has_data = knowledge::unknown;
    agent.gate_open = true;
    agent.mark = mark{.node = node(n), .state = mark_state::joining, .target = node(0)};
    peer(view, n).broker.saw({.state = presence::runs, .boot = boot_state::booting}, looked_at);
  }
}

}  // namespace

TEST_CASE("doors: seed from 4.1 on, classic only where the clock is past, else by calls") {
  formation_view view = first_start();
  runs(view, 1, {node(1)});
  broker_facts& founder = *peer(view, 1).broker.value;
  const base::wall_time began{1000h};
  founder.began = began;
  view.wall_now = began + 1min;
  const auto door = [&] {
    formation_view copy = view;
    decide_until(copy, formation_act::open);
    return copy.door.value.value()->kind;
  };
  CHECK(door() == door_kind::seed);
  view.seed_plugin = false;
  CHECK(door() == door_kind::classic);
  view.version = "4.0.5";
  CHECK(door() == door_kind::classic);
  view.wall_now = began - 10min;
  CHECK(door() == door_kind::join_by_calls);
  founder.cluster->members = {node(1), node(2)};
  CHECK(door() == door_kind::classic);
  view.version = "3.10.8";
  CHECK(door() == door_kind::classic);
  view.version.clear();
  CHECK(door() == door_kind::classic);
  founder.cluster->members = {node(1)};
  CHECK(door() == door_kind::join_by_calls);
}

TEST_CASE("doors: to a founder that boots, seed at once, classic once it has begun or runs") {
  formation_view view = first_start();
  has_record(view, {.founder = node(1), .founder_uid = uid_of(1)});
  agent_of(view, 1).has_data = knowledge::unknown;
  agent_of(view, 1).mark = mark{.node = node(1), .state = mark_state::founding};
  view.seed_plugin = false;
  const base::wall_time began{1000h};
  const auto boots = [&] {
    peer(view, 1).broker.saw({.state = presence::runs, .boot = boot_state::booting, .began = began},
                             looked_at);
  };
  const auto door = [&] {
    formation_view copy = view;
    decide_until(copy, formation_act::open);
    return copy.door.value.value()->kind;
  };
  view.version = "4.0.5";
  CHECK(says(decide(view), "once its broker has begun"));
  boots();
  SECTION("not known, or before 3.13: once it runs") {
    view.wall_now = began + 1min;
    for (const char* version : {"", "3.10.8", "3.12.1", "4.1.0"}) {
      view.version = version;
      CHECK(says(decide(view), "once its broker runs"));
    }
    CHECK(decide(view).problem.empty());
    view.began = looked_at - 30s;
    CHECK(decide(view).problem == "FormationWaiting");
    runs(view, 1, {node(1)});
    peer(view, 1).broker.value->began = began;
    for (const char* version : {"", "3.10.8", "3.12.1"}) {
      view.version = version;
      CHECK(door() == door_kind::classic);
    }
  }
  SECTION("the clock is about to be past its start") {
    for (const auto ago : {-3s, -1s, 0s}) {
      view.wall_now = began + ago;
      CHECK(decide(view).act == formation_act::wait);
    }
    view.wall_now = began + 1s;
    CHECK(door() == door_kind::classic);
  }
  SECTION("the clock is behind") {
    view.wall_now = began - 4s;
    CHECK(door() == door_kind::join_by_calls);
  }
  SECTION("the link to it has just been lost") {
    view.wall_now = began + 1min;
    peer(view, 1).broker.failed(base::failure(
        boost::system::errc::make_error_code(boost::system::errc::connection_reset), "gone"));
    CHECK(decide(view).act == formation_act::wait);
  }
  SECTION("its agent is away, or founds nothing any more") {
    view.wall_now = began + 1min;
    agent_of(view, 1).mark->state = mark_state::joining;
    CHECK(door() == door_kind::join_by_calls);
    peer(view, 1).agent = {};
    CHECK(says(decide(view), "once its broker has begun"));
  }
  SECTION("its start is not known") {
    view.wall_now = began + 1h;
    peer(view, 1).broker.value->began.reset();
    CHECK(door() == door_kind::join_by_calls);
  }
}

TEST_CASE("doors: a node does not boot alone where the door of another may lead") {
  formation_view view = first_start();
  view.version = "4.0.5";
  runs(view, 1, {node(1)});
  std::string cause;
  SECTION("it does lead here") {
    agent_of(view, 2).door = door{.kind = door_kind::classic, .target = node(0)};
    cause = "the door of " + node(2);
  }
  SECTION("its broker has not read its door yet") {
    agent_of(view, 2).door = door{.kind = door_kind::classic, .target = node(1)};
    agent_of(view, 2).door_read = false;
    cause = "the door of " + node(2);
  }
  SECTION("its agent does not say") {
    falls_silent(view, 2);
    cause = "the agent of " + node(2);
  }
  const formation_step step = decide(view);
  CHECK(step.act == formation_act::wait);
  CHECK(says(step, cause));
  // Its pod has gone, and its door with it.
  has_no_pod(view, 2, knowledge::yes);
  CHECK(decide(view).mark.target == node(1));
}

TEST_CASE(
    "mark founding without data, and no record any more: those who join it are waited for by "
    "none") {
  formation_view view = first_start();
  has_mark(view, {.node = node(0), .state = mark_state::founding});
  others_join(view);
  SECTION("all join it") {
    decide_until(view, formation_act::open);
    CHECK(view.door.value.value()->kind == door_kind::found);
  }
  SECTION("one joins another") {
    agent_of(view, 2).mark->target = node(1);
    CHECK(decide(view).act == formation_act::wait);
  }
  SECTION("one does not say") {
    falls_silent(view, 2);
    CHECK(decide(view).act == formation_act::wait);
  }
}

TEST_CASE(
    "the record's founder has lost its disk: those who wait for it hold nothing, others may") {
  formation_view view = first_start();
  has_record(view, {.founder = node(0), .founder_uid = "uid-before"});
  others_join(view);
  SECTION("nobody has joined") {
    decide_until(view, formation_act::open);
    CHECK(view.door.value.value()->kind == door_kind::found);
  }
  SECTION("one may have") {
    agent_of(view, 2).has_data = knowledge::yes;
    CHECK(decide(view).act == formation_act::wait);
  }
}
