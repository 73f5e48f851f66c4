#include "tests/simulation/event_log.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace warren::simulation;
using namespace std::chrono_literals;

namespace {

const std::string head =
    R"({"at":0,"event":"run","version":"4.0","scenario":"parallel_start","nodes":3,"seed":1})"
    "\n";
const std::string end = R"({"at":9000,"event":"end","formed":true})"
                        "\n";

// Why a log with that line between a head and an end is refused.
std::string wrong_with(const std::string& line) {
  const auto log = parse_event_log(head + line + "\n" + end);
  return log ? "" : log.error().detail;
}

}  // namespace

TEST_CASE("a log of every event is read") {
  const auto log = parse_event_log(
      head +
      R"({"at":1,"event":"pod_made","node":1})"
      "\n"
      R"({"at":2,"event":"broker_begins","node":1,"clock":-600,"door":"classic","target":2})"
      "\n"
      R"({"at":3,"event":"broker_begins","node":2,"clock":0,"door":"none"})"
      "\n"
      R"({"at":3,"event":"joins","node":1,"via":0})"
      "\n"
      R"({"at":4,"event":"forgets","node":2,"of":1})"
      "\n"
      R"({"at":5,"event":"broker_ended","node":1,"asked":true})"
      "\n"
      R"({"at":6,"event":"runs","node":2,"members":[2,0],"running":[2],"cluster":"x"})"
      "\n" +
      end);
  REQUIRE(log.has_value());
  CHECK(log->version == release::v4_0);
  CHECK(log->scenario == "parallel_start");
  CHECK(log->nodes == 3);
  CHECK(log->formed);
  REQUIRE(log->events.size() == 7);
  const log_event& begins = log->events[1];
  CHECK(begins.line == 3);
  CHECK(begins.at == 2ms);
  CHECK(begins.clock == -600s);
  REQUIRE(begins.door.has_value());
  CHECK(begins.door->kind == warren::domain::door_kind::classic);
  CHECK(begins.door->target == "rabbit@q-2");
  CHECK_FALSE(log->events[2].door.has_value());
  CHECK(log->events[3].other == 0);
  CHECK(log->events[4].other == 1);
  CHECK(log->events[5].asked);
  CHECK(log->events[6].members == node_set{0, 2});
  CHECK(log->events[6].cluster == "x");
}

TEST_CASE("a log may begin with the data of members, and brokers may end by themselves") {
  const auto log =
      parse_event_log(head +
                      R"({"at":1,"event":"holds","node":0,"members":[0,1],"cluster":"x"})"
                      "\n"
                      R"({"at":2,"event":"broker_ended","node":0,"asked":false})"
                      "\n" +
                      end);
  REQUIRE(log.has_value());
  REQUIRE(log->events.size() == 2);
  CHECK(log->events[0].kind == log_kind::holds);
  CHECK(log->events[0].members == node_set{0, 1});
  CHECK(log->events[0].cluster == "x");
  CHECK_FALSE(log->events[1].asked);
}

TEST_CASE("a log's bad line is refused with its number") {
  CHECK(wrong_with("nonsense") == "line 2: it is no JSON object");
  CHECK(wrong_with("[1]") == "line 2: it is no JSON object");
  CHECK(wrong_with("") == "line 2: it is no JSON object");
  CHECK(wrong_with(R"({"at":1,"event":"sleeps","node":1})") ==
        "line 2: there is no event 'sleeps'");
  CHECK(wrong_with(R"({"event":"pod_made","node":1})") == "line 2: there is no \"at\"");
  CHECK(wrong_with(R"({"at":1,"event":"pod_made"})") == "line 2: there is no \"node\"");
  CHECK(wrong_with(R"({"at":1,"event":"pod_made","node":9})") ==
        "line 2: \"node\" is no whole number in its range");
  CHECK(wrong_with(R"({"at":-1,"event":"pod_made","node":1})") ==
        "line 2: \"at\" is no whole number in its range");
  CHECK(wrong_with(R"({"at":1,"event":"broker_begins","node":1,"clock":0,"door":"wide"})") ==
        "line 2: there is no door 'wide'");
  CHECK(wrong_with(R"({"at":1,"event":"broker_begins","node":1,"clock":0,"door":"seed"})") ==
        "line 2: there is no \"target\"");
  CHECK(wrong_with(R"({"at":1,"event":"broker_ended","node":1,"asked":1})") ==
        "line 2: \"asked\" is neither true nor false");
  CHECK(wrong_with(R"({"at":1,"event":"runs","node":1,"members":1,"running":[1],"cluster":"x"})") ==
        "line 2: \"members\" is no list");
  CHECK(
      wrong_with(R"({"at":1,"event":"runs","node":1,"members":[1],"running":[1],"cluster":""})") ==
      "line 2: \"cluster\" is empty");
  CHECK(wrong_with(R"({"at":2,"event":"pod_made","node":1})"
                   "\n"
                   R"({"at":1,"event":"pod_made","node":2})") ==
        "line 3: it happened before the line above it");
}

TEST_CASE("a log without its head or its end is refused") {
  const auto why = [](const std::string& text) { return parse_event_log(text).error().detail; };
  CHECK(why("") == "line 0: the end is missing");
  CHECK(why(head) == "line 1: the end is missing");
  CHECK(why(end) == "line 1: the first event is not \"run\"");
  CHECK(why(head + end + end) == "line 3: it comes after the end");
  CHECK(why(head + end.substr(0, 20)) == "line 2: it is cut off");
  CHECK(why(R"({"at":0,"event":"run","version":"2.0","scenario":"x","nodes":3})"
            "\n") == "line 1: that version has no model");
}
