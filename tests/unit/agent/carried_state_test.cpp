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
  state.clocks.opened_at = base::time_point(1s);
  state.clocks.lost_at = base::time_point(2s);
  state.clocks.silent_since = base::time_point(3s);
  state.clocks.alarm_since = {{"disk", base::time_point(4s)}, {"memory", base::time_point(5s)}};
  state.told.cluster_formed = true;
  state.told.cluster_joined = true;
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
          "told":{"cluster_formed":1}})");
  REQUIRE(state.has_value());
  CHECK_FALSE(state->clocks.lost_at.has_value());
  CHECK(state->clocks.alarm_since.size() == 1);
  CHECK_FALSE(state->told.cluster_formed);
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
