#include "kubernetes/event_json.hpp"

#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace warren::kubernetes;
using nlohmann::json;
using warren::base::wall_time;

namespace {

// 2026-07-24T14:05:30.000042Z
const wall_time first{std::chrono::seconds(1784901930) + 42us};
const event_source agent{.controller = "warren.dev/agent", .instance = "rmq-0"};

event_record memory_alarm(std::uint32_t count) {
  return {.what = {.type = event_type::warning,
                   .reason = "AlarmRaised",
                   .action = "CheckAlarms",
                   .note = "memory alarm on rabbit@rmq-0",
                   .object = {.api_version = "v1",
                              .kind = "Pod",
                              .name_space = "queues",
                              .name = "rmq-0",
                              .uid = "5b3c"}},
          .name = "rmq-0.17a2b3c4d5e6f708",
          .first_seen = first,
          .last_seen = first + 90s,
          .count = count};
}

}  // namespace

TEST_CASE("an Event of events.k8s.io/v1 has all that its API requires") {
  CHECK(json::parse(event_body(event_api::events_v1, memory_alarm(1), agent)) == json::parse(R"({
    "apiVersion": "events.k8s.io/v1", "kind": "Event",
    "metadata": {"name": "rmq-0.17a2b3c4d5e6f708", "namespace": "queues"},
    "eventTime": "2026-07-24T14:05:30.000042Z",
    "reportingController": "warren.dev/agent", "reportingInstance": "rmq-0",
    "regarding": {"apiVersion": "v1", "kind": "Pod", "namespace": "queues", "name": "rmq-0",
                  "uid": "5b3c"},
    "action": "CheckAlarms", "reason": "AlarmRaised", "type": "Warning",
    "note": "memory alarm on rabbit@rmq-0"})"));
}

TEST_CASE("an Event of core/v1 has the older names, and times in whole seconds") {
  CHECK(json::parse(event_body(event_api::core_v1, memory_alarm(3), agent)) == json::parse(R"({
    "apiVersion": "v1", "kind": "Event",
    "metadata": {"name": "rmq-0.17a2b3c4d5e6f708", "namespace": "queues"},
    "firstTimestamp": "2026-07-24T14:05:30Z", "lastTimestamp": "2026-07-24T14:07:00Z", "count": 3,
    "source": {"component": "warren.dev/agent"},
    "reportingComponent": "warren.dev/agent", "reportingInstance": "rmq-0",
    "involvedObject": {"apiVersion": "v1", "kind": "Pod", "namespace": "queues", "name": "rmq-0",
                       "uid": "5b3c"},
    "action": "CheckAlarms", "reason": "AlarmRaised", "type": "Warning",
    "message": "memory alarm on rabbit@rmq-0"})"));
}

TEST_CASE("a series is patched with its count and its last time alone") {
  CHECK(json::parse(event_patch(event_api::events_v1, memory_alarm(5))) == json::parse(R"({
    "series": {"count": 5, "lastObservedTime": "2026-07-24T14:07:00.000042Z"}})"));
  CHECK(json::parse(event_patch(event_api::core_v1, memory_alarm(5))) == json::parse(R"({
    "count": 5, "lastTimestamp": "2026-07-24T14:07:00Z"})"));
}

TEST_CASE("a series that the API server has forgotten is created as a series") {
  const json body = json::parse(event_body(event_api::events_v1, memory_alarm(5), agent));
  CHECK(body.at("eventTime") == "2026-07-24T14:05:30.000042Z");
  CHECK(body.at("series").at("count") == 5);
}

TEST_CASE("Events live in the namespace of their object") {
  CHECK(events_path(event_api::events_v1, memory_alarm(1)) ==
        "/apis/events.k8s.io/v1/namespaces/queues/events");
  CHECK(events_path(event_api::core_v1, memory_alarm(1)) == "/api/v1/namespaces/queues/events");
  CHECK(event_path(event_api::core_v1, memory_alarm(1)) ==
        "/api/v1/namespaces/queues/events/rmq-0.17a2b3c4d5e6f708");
}

TEST_CASE("foreign bytes and long texts give a body that the API takes") {
  event_record e = memory_alarm(1);
  e.what.note = std::string(1023, 'x') + "\xC3\xA9\xFF";
  e.what.object.uid = "\xFF";
  const event_source source{.controller = "warren.dev/agent", .instance = std::string(253, 'p')};
  const json body = json::parse(event_body(event_api::events_v1, e, source));
  CHECK(body.at("note") == std::string(1023, 'x'));
  CHECK(body.at("reportingInstance") == std::string(128, 'p'));
}
