#include "agent/domain/peer_sights.hpp"

#include "tests/support/catch.hpp"

using namespace warren;
using namespace std::chrono_literals;

namespace {

const base::time_point start{1h};

domain::peer peer_at(std::string node, std::string uid, std::string address) {
  return {.node = std::move(node), .uid = std::move(uid), .addresses = {std::move(address)}};
}

const domain::peer self = peer_at("rabbit@rmq-0", "u0", "10.0.0.1");
const domain::peer other = peer_at("rabbit@rmq-1", "u1", "10.0.0.2");

// Both peers, and the other one's agent and broker seen.
domain::peer_sights seen() {
  domain::peer_sights sights;
  domain::match(sights, {.peers = {self, other}}, self.node);
  domain::peer_sight* sight = domain::sight_of(sights, other);
  sight->agent.saw({.pod_uid = "u1", .has_data = domain::knowledge::no}, start);
  sight->broker.saw({.state = domain::presence::runs_not}, start);
  return sights;
}

}  // namespace

TEST_CASE("there is a sight of every peer but the own node", "[sights]") {
  domain::peer_sights sights = seen();
  CHECK(sights.size() == 1);
  CHECK(domain::sight_of(sights, other) != nullptr);
  CHECK(domain::sight_of(sights, self) == nullptr);
}

TEST_CASE("what was seen of a peer holds while its pod stays", "[sights]") {
  domain::peer_sights sights = seen();
  domain::peer now_ready = other;
  now_ready.ready = true;
  domain::match(sights, {.peers = {self, now_ready}}, self.node);
  CHECK(sights.at(other.node).agent.current());
  CHECK(sights.at(other.node).broker.current());
}

TEST_CASE("a pod that replaces another under the same name starts without observation",
          "[sights]") {
  domain::peer_sights sights = seen();
  domain::peer next = other;
  SECTION("another uid") {
    next.uid = "u2";
  }
  SECTION("other addresses, where no uids are known") {
    next.addresses = {"10.0.0.9"};
  }
  domain::match(sights, {.peers = {self, next}}, self.node);
  const domain::peer_sight& sight = sights.at(other.node);
  CHECK_FALSE(sight.agent.value.has_value());
  CHECK_FALSE(sight.broker.value.has_value());
  CHECK(sight.pod_uid == next.uid);
  CHECK(domain::sight_of(sights, other) == nullptr);
}

TEST_CASE("a peer that leaves the list takes what was seen of it along", "[sights]") {
  domain::peer_sights sights = seen();
  domain::match(sights, {.peers = {self}}, self.node);
  domain::match(sights, {.peers = {self, other}}, self.node);
  CHECK_FALSE(sights.at(other.node).agent.value.has_value());
}

TEST_CASE("formation sees a node with its pod, or without one", "[sights]") {
  const domain::peer_sights sights = seen();
  const domain::formation_member there = domain::member_of(other.node, sights);
  CHECK(there.node == other.node);
  CHECK(there.pod_uid == "u1");
  CHECK(there.agent.value->has_data == domain::knowledge::no);
  CHECK(there.broker.value->state == domain::presence::runs_not);
  const domain::formation_member gone = domain::member_of("rabbit@rmq-7", sights);
  CHECK(gone.node == "rabbit@rmq-7");
  CHECK_FALSE(gone.pod_uid.has_value());
  CHECK_FALSE(gone.agent.value.has_value());
}
