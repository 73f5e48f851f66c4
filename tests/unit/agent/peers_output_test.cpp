#include "agent/commands/peers_output.hpp"

#include "tests/support/catch.hpp"

using namespace warren;
using agent::peers_output;
using agent::show_peers;

namespace {

const std::string body = R"({"service":"rabbitmq","peers":[
  {"node":"rabbit@rmq-0","pod":"rmq-0","uid":"1","addresses":["10.0.0.1","fd00::1"],
   "ready":true,"serving":true,"terminating":false},
  {"node":"rabbit@rmq-10","pod":"","addresses":[],"ready":false,"serving":false,"terminating":true}]})";

}  // namespace

TEST_CASE("peers as a table, a line for each") {
  CHECK(show_peers(body, peers_output::table) ==
        "NODE           POD    READY  SERVING  TERMINATING  ADDRESSES\n"
        "rabbit@rmq-0   rmq-0  yes    yes      no           10.0.0.1,fd00::1\n"
        "rabbit@rmq-10  -      no     no       yes          -\n");
}

TEST_CASE("peers as node names, and as the agent's own JSON") {
  CHECK(show_peers(body, peers_output::plain) == "rabbit@rmq-0\nrabbit@rmq-10\n");
  const auto json = show_peers(body, peers_output::json);
  REQUIRE(json.has_value());
  CHECK(show_peers(*json, peers_output::plain) == "rabbit@rmq-0\nrabbit@rmq-10\n");
}

TEST_CASE("no peers are an empty list, not an error") {
  CHECK(show_peers(R"({"peers":[]})", peers_output::plain) == "");
}

TEST_CASE("what is no answer of an agent is refused") {
  const std::string other =
      GENERATE(as<std::string>{}, "", "<html>", "[]", "{}", R"({"peers":{}})", R"({"peers":[1]})");
  CAPTURE(other);
  CHECK_FALSE(show_peers(other, peers_output::table).has_value());
}

TEST_CASE("a name cannot steer the terminal") {
  const auto text = show_peers(R"({"peers":[{"node":"a\u001b[2J\nb"}]})", peers_output::plain);
  CHECK(text == "a?[2J?b\n");
}
