#include "agent/carried_state.hpp"

#include "tests/support/catch.hpp"

using namespace std::chrono_literals;
using namespace warren;
using agent::carried_state;
using agent::decode_carried_state;

namespace {

carried_state full() {
  carried_state state;
  state.started_at = base::time_point(123456789012345ns);
  state.may_start = true;
  state.formed_at = base::time_point(8s);
  state.gate_waited = 12s;
  state.outdated_creation = 7;
  state.person = domain::overrule{.target = "rabbit@rmq-1"};
  state.clocks.looked_at = base::time_point(1s);
  state.clocks.opened_at = base::time_point(2s);
  state.clocks.lost_at = base::time_point(3s);
  state.clocks.silent_since = base::time_point(4s);
  state.clocks.resumed_at = base::time_point(5s);
  state.clocks.alarm_since = {{"disk", base::time_point(6s)}, {"memory", base::time_point(7s)}};
  state.clocks.creation = 4294967295U;
  state.told.link = domain::link_state::cookie_rejected;
  state.told.alarms = {"disk", "memory"};
  state.told.listeners = {"amqp 5672"};
  state.told.unreachable = {"rabbit@rmq-1"};
  state.told.discovery = domain::discovery_problem::forbidden;
  state.told.peers = 18446744073709551615U;
  state.told.peer_problems = 7;
  state.told.cluster_formed = 3;
  state.told.cluster_joined = true;
  state.told.problems = {"ClusterSplitDetected", "BrokerOutsideCluster rabbit@rmq-1"};
  state.told.gate_open = true;
  state.told.ordered = "join rabbit@rmq-1";
  state.told.forgotten_at = base::time_point(9s);
  return state;
}

}  // namespace

TEST_CASE("the next worker gets the state that the last one had") {
  const carried_state state = GENERATE(carried_state{}, full());
  const auto decoded = decode_carried_state(encode(state));
  REQUIRE(decoded.has_value());
  CHECK(*decoded == state);
}

TEST_CASE("bytes that are no state give none") {
  const std::string text = GENERATE(
      as<std::string>{}, "", "{", "[]", "null", "{}", R"({"schema":2})",
      R"({"schema":1,"started_at":"now","clocks":{},"told":{}})",
      R"({"schema":1,"started_at":1,"clocks":[],"told":{}})", R"({"schema":1,"started_at":1})");
  CAPTURE(text);
  CHECK_FALSE(decode_carried_state(text).has_value());
}

TEST_CASE("a member of the wrong kind is as if it were not there") {
  const auto state = decode_carried_state(
      R"({"schema":1,"started_at":1,"clocks":{"lost_at":"x","alarm_since":{"disk":[],"memory":7}},
          "told":{"cluster_joined":1,"link":99,"alarms":{},"listeners":[7],"peers":-1,"ordered":[1]},
          "gate_waited":"x","outdated_creation":-1,"person":{"found":1,"target":"no node"}})");
  REQUIRE(state.has_value());
  CHECK_FALSE(state->clocks.lost_at.has_value());
  CHECK(state->clocks.alarm_since.size() == 1);
  CHECK(state->told.alarms.empty());
  CHECK_FALSE(state->told.peers.has_value());
  CHECK(state->told.listeners.empty());
  CHECK(state->told.link == domain::link_state::unknown);
  CHECK_FALSE(state->told.cluster_joined);
  CHECK(state->told.ordered.empty());
  CHECK_FALSE(state->gate_waited.has_value());
  CHECK_FALSE(state->outdated_creation.has_value());
  CHECK_FALSE(state->person.has_value());
}

TEST_CASE("a truncated state gives none, at every length") {
  const std::string whole = encode(full());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(decode_carried_state(whole.substr(0, length)).has_value());
  }
}

TEST_CASE("a state beyond its limit gives none") {
  std::string bytes = encode(full());
  bytes.append(agent::max_carried_state, ' ');
  CHECK_FALSE(decode_carried_state(bytes).has_value());
}
