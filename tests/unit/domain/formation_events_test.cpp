// The Events of formation and of splits: told once for each transition.
#include "agent/domain/transitions.hpp"
#include "tests/support/broker_views.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace warren;
using namespace warren::domain;
using namespace std::chrono_literals;

namespace {

using names = std::vector<std::string>;
const base::time_point start{1h};

// An agent whose gate is closed in front of a broker that is not there.
world_view waiting_world() {
  world_view world;
  world.node = "rabbit@rmq-0";
  world.broker = testing::broker_without_link(link_state::away, start);
  world.gate.wired = true;
  return world;
}

cluster_problem problem(std::string reason, std::string about = "", bool stands = true) {
  return {.reason = std::move(reason), .about = std::move(about), .note = "why", .stands = stands};
}

// Tells of one world after the other, as an agent does.
class story {
 public:
  names tell(const world_view& world) {
    const transition step = events_since(said, world);
    said = step.next;
    last = step.events;
    CHECK(events_since(said, world).events.empty());
    names reasons;
    for (const event_intent& e : step.events) reasons.push_back(e.reason);
    return reasons;
  }
  // The Events for these problems, found by sources that can tell.
  names problems(std::vector<cluster_problem> all, bool cluster_knows = true,
                 bool gate_knows = true) {
    world_view world = waiting_world();
    world.problems = {
        .all = std::move(all), .gate_knows = gate_knows, .cluster_knows = cluster_knows};
    return tell(world);
  }
  told said;
  std::vector<event_intent> last;
};

}  // namespace

TEST_CASE("a gate that opens is told with its reason and its time, and by a founder as founding") {
  story s;
  world_view world = waiting_world();
  CHECK(s.tell(world).empty());
  world.gate.open = true;
  world.gate.why = "no member has data: founds the cluster";
  world.gate.waited = 12300ms;
  CHECK(s.tell(world) == names{"GateOpened"});
  CHECK(s.last[0].note ==
        "rabbit@rmq-0 may start after 12s: no member has data: founds the cluster");
  CHECK(s.last[0].type == event_type::normal);

  s = {};
  world.gate.founds = true;
  CHECK(s.tell(world) == names{"GateOpened", "ClusterFounding"});
  CHECK(s.last[1].about == event_about::stateful_set);
}

TEST_CASE("a gate is silent in front of a broker that runs, or that an earlier worker opened") {
  story s;
  world_view world = waiting_world();
  world.gate.open = true;
  CHECK(s.tell(world).empty());
  world.gate.why = "its broker runs already";
  CHECK(s.tell(world).empty());

  s = {};
  world.broker.link.state = link_state::connected;
  CHECK(s.tell(world).empty());
}

TEST_CASE("without a gate its decisions mean nothing") {
  story s;
  world_view world = waiting_world();
  world.gate = {.wired = false, .open = true, .why = "x", .person = overrule{.found = true}};
  CHECK(s.tell(world).empty());
}

TEST_CASE("each order of a person is told once") {
  story s;
  world_view world = waiting_world();
  world.gate.person = overrule{.target = "rabbit@rmq-1"};
  CHECK(s.tell(world) == names{"GateOverruled"});
  CHECK(s.last[0].note == "a person ordered rabbit@rmq-0: join rabbit@rmq-1");
  world.gate.person = overrule{.found = true};
  CHECK(s.tell(world) == names{"GateOverruled"});
  world.gate.person.reset();
  CHECK(s.tell(world).empty());
  world.gate.person = overrule{.found = true};
  CHECK(s.tell(world) == names{"GateOverruled"});
}

TEST_CASE("what a forgotten member took with it is told, with the queues by name") {
  story s;
  world_view world = waiting_world();
  world.gate.forgotten =
      forgotten_report{.node = "rabbit@rmq-0", .at = start, .quorum_queues = 2, .streams = 1};
  CHECK(s.tell(world) == names{"MemberForgotten"});
  CHECK(s.last[0].note.find("2 quorum queues and 1 stream have a replica less") !=
        std::string::npos);
  world.gate.forgotten = forgotten_report{
      .node = "rabbit@rmq-0", .at = start + 1s, .lost = 3, .lost_names = {"'q' in '/'"}};
  CHECK(s.tell(world) == names{"MemberForgotten", "QueuesLost"});
  CHECK(s.last[0].note.find("replica less") == std::string::npos);
  CHECK(s.last[1].note.find("3 queues") == 0);
  CHECK(s.last[1].note.find("'q' in '/' and others") != std::string::npos);
  CHECK(s.last[1].type == event_type::warning);
}

TEST_CASE("a problem is told once it stands, and again after it was over") {
  story s;
  CHECK(s.problems({problem("FormationWaiting", "", false)}).empty());
  CHECK(s.problems({problem("FormationWaiting")}) == names{"FormationWaiting"});
  CHECK(s.problems({problem("FormationWaiting", "", false)}).empty());
  CHECK(s.problems({}).empty());
  CHECK(s.problems({problem("FormationWaiting")}) == names{"FormationWaiting"});
}

TEST_CASE("every problem that formation and the comparison name has a reason") {
  for (const char* reason :
       {"ClusterSplitDetected", "StaleData", "FormationWaiting", "ForceBootNeeded", "QuorumLost",
        "DataFolderUnreadable", "PartitionDetected", "BrokerOutsideCluster", "MemberWithoutPod"}) {
    story s;
    CHECK(s.problems({problem(reason)}) == names{reason});
    CHECK(s.last[0].type == event_type::warning);
  }
}

TEST_CASE("a split is over when nothing of it is left, and only if that can be seen") {
  story s;
  CHECK(s.problems({problem("BrokerOutsideCluster", "rabbit@a"),
                    problem("BrokerOutsideCluster", "rabbit@b"), problem("ClusterSplitDetected")})
            .size() == 3);
  CHECK(s.problems({}, false).empty());
  CHECK(s.problems({problem("BrokerOutsideCluster", "rabbit@b")}).empty());
  CHECK(s.problems({problem("BrokerOutsideCluster", "rabbit@a"),
                    problem("BrokerOutsideCluster", "rabbit@b")}) == names{"BrokerOutsideCluster"});
  CHECK(s.problems({}) == names{"ClusterWhole"});
  CHECK(s.problems({}).empty());
}

TEST_CASE("a member whose pod has come back is no news of a split") {
  story s;
  CHECK(s.problems({problem("MemberWithoutPod")}) == names{"MemberWithoutPod"});
  CHECK(s.problems({}, true, false).empty());
  CHECK(s.problems({problem("MemberWithoutPod")}) == names{"MemberWithoutPod"});
}

TEST_CASE("a gate that cannot tell at present does not end its problem") {
  story s;
  CHECK(s.problems({problem("StaleData")}) == names{"StaleData"});
  CHECK(s.problems({}, true, false).empty());
  CHECK(s.problems({problem("StaleData")}).empty());
}
