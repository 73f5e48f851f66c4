#include "agent/domain/transitions.hpp"

#include "tests/support/broker_views.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace warren;
using namespace warren::domain;
using namespace std::chrono_literals;

namespace {

const base::time_point start{1h};

peer_list peers_named(const std::vector<std::string>& nodes) {
  peer_list list;
  for (const std::string& node : nodes) list.peers.push_back({.node = node});
  return list;
}

world_view healthy_world() {
  world_view world;
  world.node = "rabbit@rmq-0";
  world.broker = testing::healthy_broker(start);
  world.peers.saw(peers_named({"rabbit@rmq-0", "rabbit@rmq-1", "rabbit@rmq-2"}), start);
  world.expected_members.saw(3, start);
  return world;
}

base::failure trouble(std::string detail) {
  return {boost::system::errc::make_error_code(boost::system::errc::permission_denied),
          std::move(detail)};
}

std::vector<std::string> reasons(const transition& step) {
  std::vector<std::string> list;
  for (const event_intent& e : step.events) list.push_back(e.reason);
  return list;
}
using names = std::vector<std::string>;

// Tells of one world after the other, as an agent does.
class story {
 public:
  names tell(const world_view& world) {
    const transition step = events_since(said, world);
    said = step.next;
    last = step.events;
    // What was told is told.
    CHECK(events_since(said, world).events.empty());
    return reasons(step);
  }
  // An agent that has told all there is to tell of a healthy world.
  static story in_a_healthy_world() {
    story s;
    s.tell(healthy_world());
    return s;
  }
  told said;
  std::vector<event_intent> last;
};

}  // namespace

TEST_CASE("a healthy world is told of once: peers, joined, formed") {
  story s;
  CHECK(s.tell(healthy_world()) == names{"PeersDiscovered", "ClusterJoined", "ClusterFormed"});
  CHECK(s.last[0].note == "3 peers: rabbit@rmq-0, rabbit@rmq-1, rabbit@rmq-2");
  CHECK(s.last[0].type == event_type::normal);
  CHECK(s.last[0].about == event_about::pod);
  CHECK(s.last[2].about == event_about::stateful_set);
}

TEST_CASE(
    "nothing is told of a world that is not known yet, or of a broker that is not there yet") {
  story s;
  CHECK(s.tell({}).empty());
  world_view world;
  world.broker = testing::broker_without_link(link_state::away, start);
  CHECK(s.tell(world).empty());
  world.broker = testing::booting_broker(start);
  CHECK(s.tell(world).empty());
}

TEST_CASE("a new worker that knows what was told tells nothing twice") {
  world_view world = healthy_world();
  world.broker.alarms.saw({{"memory"}}, start);
  world.broker.cluster.value->running = {"rabbit@rmq-0"};
  world.broker.ports.value->front().accepts = false;
  story s;
  CHECK(s.tell(world).size() == 6);
  CHECK(s.tell({}).empty());  // the new worker has seen nothing yet
  CHECK(s.tell(world).empty());
  CHECK(s.tell(healthy_world()) == names{"AlarmCleared", "ListenerReachable", "NodeReachable",
                                         "NodeReachable", "ClusterFormed"});
}

TEST_CASE("an alarm is told for each resource, raised and cleared") {
  story s = story::in_a_healthy_world();
  world_view world = healthy_world();
  world.broker.alarms.saw({{"disk"}, {"memory"}}, start);
  CHECK(s.tell(world) == names{"AlarmRaised", "AlarmRaised"});
  CHECK(s.last[0].note ==
        "disk alarm on rabbit@rmq-0: publishers are blocked in the whole cluster until it clears");
  CHECK(s.last[0].type == event_type::warning);
  world.broker.alarms.saw({{"memory"}}, start);
  CHECK(s.tell(world) == names{"AlarmCleared"});
  world.broker.alarms.saw({{"file_descriptor_limit"}, {"memory"}}, start);
  CHECK(s.tell(world) == names{"AlarmRaised"});
  CHECK(s.last[0].note.find("no new connections") != std::string::npos);
}

TEST_CASE("an alarm list that could not be read is no change") {
  story s = story::in_a_healthy_world();
  world_view world = healthy_world();
  world.broker.alarms.saw({{"memory"}}, start);
  s.tell(world);
  world.broker.alarms.failed(trouble("rpc"));
  CHECK(s.tell(world).empty());
  world.broker.alarms = {};
  CHECK(s.tell(world).empty());
  world.broker.alarms.saw({}, start);
  CHECK(s.tell(world) == names{"AlarmCleared"});
}

TEST_CASE("a listener that stops and accepts again is told by its port") {
  story s = story::in_a_healthy_world();
  world_view world = healthy_world();
  world.broker.ports.value->front().accepts = false;
  world.broker.ports.value->front().problem = "connection refused";
  CHECK(s.tell(world) == names{"ListenerUnreachable"});
  CHECK(s.last[0].note ==
        "port 5672 (amqp) of rabbit@rmq-0 does not accept connections: connection refused");
  CHECK(s.tell(healthy_world()) == names{"ListenerReachable"});
}

TEST_CASE("listeners that a draining, paused or stopped broker closes are not told of") {
  story s = story::in_a_healthy_world();
  world_view world = healthy_world();
  world.broker.ports.value->front().accepts = false;
  SECTION("draining") {
    world.broker.draining.saw(true, start);
  }
  SECTION("paused") {
    world.broker.paused.saw(true, start);
  }
  SECTION("stopped") {
    world.broker.boot.saw(boot_state::stopped, start);
  }
  CHECK(s.tell(world).empty());
}

TEST_CASE("members that this broker loses and reaches again are told, and forgotten ones are not") {
  story s = story::in_a_healthy_world();
  world_view world = healthy_world();
  world.broker.cluster.value->running = {"rabbit@rmq-0"};
  CHECK(s.tell(world) == names{"NodeUnreachable", "NodeUnreachable"});
  CHECK(s.last[0].note == "rabbit@rmq-1 is a member but is not reached by rabbit@rmq-0");
  world.broker.cluster.value->members = {"rabbit@rmq-0", "rabbit@rmq-1"};
  CHECK(s.tell(world).empty());
  world.broker.cluster.value->running = {"rabbit@rmq-0", "rabbit@rmq-1"};
  CHECK(s.tell(world) == names{"NodeReachable"});
}

TEST_CASE("a mistake in the link is told once, whatever else the link does meanwhile") {
  const auto [state, reason] =
      GENERATE(std::pair(link_state::cookie_rejected, std::string("ErlangCookieMismatch")),
               std::pair(link_state::tls_expected, std::string("DistributionTLSFailed")),
               std::pair(link_state::name_differs, std::string("NodeNameDiffers")),
               std::pair(link_state::not_allowed, std::string("ConnectionNotAllowed")));
  story s;
  world_view world;
  world.node = "rabbit@rmq-0";
  world.broker = testing::broker_without_link(state, start);
  CHECK(s.tell(world) == names{reason});
  CHECK(s.last[0].note.find("rabbit@rmq-0: ") == 0);
  CHECK(s.last[0].type == event_type::warning);
  world.broker.link.state = link_state::unknown;
  CHECK(s.tell(world).empty());
  world.broker.link.state = link_state::away;
  CHECK(s.tell(world).empty());
  world.broker.link.state = state;
  CHECK(s.tell(world).empty());
  world.broker.link.state = link_state::connected;
  CHECK(s.tell(world) == names{"BrokerReachable"});
}

TEST_CASE("a broker that was there is told gone and back, with the detail") {
  story s = story::in_a_healthy_world();
  world_view world = healthy_world();
  world.broker = testing::broker_without_link(link_state::away, start);
  world.broker.link.detail = "EPMD does not know rabbit";
  CHECK(s.tell(world) == names{"BrokerUnreachable"});
  CHECK(s.last[0].note == "rabbit@rmq-0 is gone: EPMD does not know rabbit");
  CHECK(s.tell(healthy_world()) == names{"BrokerReachable"});
}

TEST_CASE("a hung broker is told once, and its return") {
  story s = story::in_a_healthy_world();
  world_view world = healthy_world();
  world.broker.link.state = link_state::silent;
  CHECK(s.tell(world).empty());  // not hung for long enough
  world.hung = true;
  CHECK(s.tell(world) == names{"BrokerHung"});
  world.broker.link.state = link_state::connected;
  CHECK(s.tell(world).empty());
  CHECK(s.tell(healthy_world()) == names{"BrokerReachable"});
}

TEST_CASE("other peers are told, other states of the same peers are not") {
  story s = story::in_a_healthy_world();
  world_view world = healthy_world();
  world.peers.value->peers[1].ready = true;
  world.peers.value->peers[1].addresses = {"10.0.0.9"};
  CHECK(s.tell(world).empty());
  world.peers.saw(peers_named({"rabbit@rmq-0"}), start);
  CHECK(s.tell(world) == names{"PeersDiscovered"});
  CHECK(s.last[0].note == "1 peer: rabbit@rmq-0");
}

TEST_CASE("an empty list is told only if there were peers before") {
  world_view world;
  world.peers.saw({}, start);
  story s;
  CHECK(s.tell(world).empty());
  s = story::in_a_healthy_world();
  CHECK(s.tell(world) == names{"PeersDiscovered"});
  CHECK(s.last[0].note == "0 peers");
}

TEST_CASE("a new worker that has not looked for peers yet does not say that they are found again") {
  story s = story::in_a_healthy_world();
  world_view world = healthy_world();
  world.peers.failed(trouble("no route"));
  world.discovery = discovery_problem::unreachable;
  CHECK(s.tell(world) == names{"APIServerUnreachable"});
  world_view nothing_yet;
  nothing_yet.node = world.node;
  CHECK(s.tell(nothing_yet) == names{});
  CHECK(s.tell(world) == names{});
}

TEST_CASE("why discovery fails decides the reason, and each is told once") {
  const auto [problem, bad, good] = GENERATE(
      std::tuple(discovery_problem::forbidden, "RBACDenied", "PeersDiscovered"),
      std::tuple(discovery_problem::not_found, "PeerDiscoveryFailed", "PeersDiscovered"),
      std::tuple(discovery_problem::other, "PeerDiscoveryFailed", "PeersDiscovered"),
      std::tuple(discovery_problem::unreachable, "APIServerUnreachable", "APIServerReachable"));
  story s = story::in_a_healthy_world();
  world_view world = healthy_world();
  world.discovery = problem;
  world.peers.failed(trouble("endpoints/rabbitmq: the Role needs get on endpoints"));
  CHECK(s.tell(world) == names{bad});
  CHECK(s.last[0].note.find("the Role needs get on endpoints") != std::string::npos);
  CHECK(s.tell({.broker = world.broker, .peers = world.peers, .discovery = problem}).empty());
  CHECK(s.tell(healthy_world()) == names{good});
}

TEST_CASE("endpoints without a node name are told with the cure and their number, once") {
  story s = story::in_a_healthy_world();
  world_view world = healthy_world();
  world.peers.value->problems = {"pod a has no host name: the cure", "pod b has none"};
  world.peers.value->problem_count = 12;
  CHECK(s.tell(world) == names{"PeerDiscoveryFailed"});
  CHECK(s.last[0].note == "pod a has no host name: the cure (and 11 more endpoints like it)");
}

TEST_CASE("the cluster's forming is told by the first running member alone") {
  world_view world = healthy_world();
  world.node = "rabbit@rmq-1";
  story s;
  CHECK(s.tell(world) == names{"PeersDiscovered", "ClusterJoined"});
}

TEST_CASE("a cluster is formed when all expected members run, and again when it has grown") {
  story s;
  world_view world = healthy_world();
  world.broker.cluster.value->running.pop_back();
  CHECK(s.tell(world) == names{"PeersDiscovered", "NodeUnreachable", "ClusterJoined"});
  CHECK(s.tell(healthy_world()) == names{"NodeReachable", "ClusterFormed"});
  world = healthy_world();
  world.expected_members.saw(4, start);
  CHECK(s.tell(world).empty());
  world.broker.cluster.value->members.push_back("rabbit@rmq-3");
  world.broker.cluster.value->running.push_back("rabbit@rmq-3");
  CHECK(s.tell(world) == names{"ClusterFormed"});
}

TEST_CASE("where the StatefulSet may not be read, the peers say how many, and one is no cluster") {
  story s;
  world_view world = healthy_world();
  world.expected_members = {};
  world.peers.saw(peers_named({"rabbit@rmq-0"}), start);
  world.broker.cluster.saw({{"rabbit@rmq-0"}, {"rabbit@rmq-0"}, {}}, start);
  CHECK(s.tell(world) == names{"PeersDiscovered"});
  world = healthy_world();
  world.expected_members = {};
  CHECK(s.tell(world) == names{"PeersDiscovered", "ClusterJoined", "ClusterFormed"});
}

TEST_CASE("a single broker of a StatefulSet of one has formed its cluster") {
  story s;
  world_view world = healthy_world();
  world.expected_members.saw(1, start);
  world.broker.cluster.saw({{"rabbit@rmq-0"}, {"rabbit@rmq-0"}, {}}, start);
  CHECK(s.tell(world) == names{"PeersDiscovered", "ClusterFormed"});
}

TEST_CASE("notes stay within what the API takes") {
  std::vector<std::string> nodes;
  for (int i = 0; i < 1000; ++i) {
    nodes.push_back("rabbit@" + std::string(200, 'x') + std::to_string(i));
  }
  world_view world;
  world.peers.saw(peers_named(nodes), start);
  const transition step = events_since({}, world);
  REQUIRE(step.events.size() == 1);
  CHECK(step.events[0].note.size() <= 1024);
}

TEST_CASE("every reason is there once, with a meaning and an action") {
  std::vector<std::string_view> seen;
  for (const reason_help& help : event_reasons()) {
    CAPTURE(help.reason);
    CHECK(std::ranges::find(seen, help.reason) == seen.end());
    CHECK_FALSE(help.meaning.empty());
    CHECK_FALSE(help.action.empty());
    seen.push_back(help.reason);
  }
}
