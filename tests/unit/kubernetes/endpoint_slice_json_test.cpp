#include "kubernetes/endpoint_slice_json.hpp"

#include "kubernetes/errc.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using kubernetes::errc;
using kubernetes::parse_endpoint_slice_list;
using kubernetes::parse_watch_event;
using kubernetes::watch_event_type;

namespace {

const std::string slice_text = R"({
  "metadata": {"name": "rmq-x1", "namespace": "shop", "uid": "s1", "resourceVersion": "41",
    "labels": {"kubernetes.io/service-name": "rmq"},
    "managedFields": [{"manager": "m", "fieldsV1": {"f:metadata": {"f:name": {}, ".": {}}}}]},
  "addressType": "IPv4",
  "endpoints": [
    {"addresses": ["10.0.0.1", "10.0.0.9"], "hostname": "rmq-0", "nodeName": "n1",
     "conditions": {"ready": true, "serving": false, "terminating": true},
     "targetRef": {"kind": "Pod", "namespace": "shop", "name": "rmq-0", "uid": "u0"}},
    {"addresses": ["10.0.0.2"], "conditions": {"ready": null}}],
  "ports": [{"name": "amqp", "port": 5672}]})";

std::string list_text(const std::string& items, const std::string& more = "") {
  return R"({"kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1",)"
         R"("metadata":{"resourceVersion":"50")" +
         more + R"(},"items":[)" + items + "]}";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("a list gives slices with their endpoints, conditions by the API's defaults",
          "[kubernetes]") {
  const auto list = parse_endpoint_slice_list(list_text(slice_text, R"(,"continue":"next")"));
  REQUIRE(list.has_value());
  CHECK(list->resource_version == "50");
  CHECK(list->continue_token == "next");
  REQUIRE(list->slices.size() == 1);
  const kubernetes::endpoint_slice& slice = list->slices[0];
  CHECK(slice.name == "rmq-x1");
  CHECK(slice.resource_version == "41");
  CHECK(slice.type == kubernetes::address_type::ipv4);
  REQUIRE(slice.endpoints.size() == 2);
  const kubernetes::endpoint first{"10.0.0.1", "rmq-0", "rmq-0", "u0", true, false, true};
  const kubernetes::endpoint second{"10.0.0.2", "", "", "", true, true, false};
  CHECK(slice.endpoints[0] == first);
  CHECK(slice.endpoints[1] == second);
}

TEST_CASE("an FQDN slice is held without its endpoints", "[kubernetes]") {
  const auto list = parse_endpoint_slice_list(list_text(replaced(slice_text, "IPv4", "FQDN")));
  REQUIRE(list.has_value());
  CHECK(list->slices.at(0).endpoints.empty());
}

TEST_CASE("IPv6 slices count", "[kubernetes]") {
  const auto list = parse_endpoint_slice_list(list_text(replaced(slice_text, "IPv4", "IPv6")));
  REQUIRE(list.has_value());
  CHECK(list->slices.at(0).type == kubernetes::address_type::ipv6);
  CHECK(list->slices.at(0).endpoints.size() == 2);
}

TEST_CASE("what is no list of slices is an error, never an empty list", "[kubernetes]") {
  const std::string texts[] = {"",
                               "{}",
                               "[]",
                               "<html>",
                               "null",
                               list_text(slice_text).substr(0, 400),
                               replaced(list_text(""), "EndpointSliceList", "Status"),
                               replaced(list_text(""), R"("resourceVersion":"50")", ""),
                               list_text(R"({"metadata":{}})"),
                               list_text(slice_text) + "x"};
  for (const std::string& text : texts) {
    CAPTURE(text);
    const auto list = parse_endpoint_slice_list(text);
    REQUIRE(list.has_error());
    CHECK(list.error().code == errc::malformed_answer);
  }
}

TEST_CASE("K19: deep and endless JSON is refused", "[kubernetes]") {
  std::string deep = list_text(std::string(100'000, '['));
  CHECK(parse_endpoint_slice_list(deep).error().code == errc::malformed_answer);
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  CHECK(parse_endpoint_slice_list(objects).error().code == errc::malformed_answer);
  std::string many = slice_text;
  for (int i = 0; i < 4001; ++i) many += R"(,{"metadata":{"name":"x"}})";
  CHECK(parse_endpoint_slice_list(list_text(many)).error().code == errc::answer_too_large);
}

TEST_CASE("each kind of watch event is told apart", "[kubernetes]") {
  const auto event = [](const std::string& type, const std::string& object) {
    return parse_watch_event(R"({"type":")" + type + R"(","object":)" + object + "}");
  };
  CHECK(event("ADDED", slice_text)->type == watch_event_type::added);
  CHECK(event("MODIFIED", slice_text)->slice.endpoints.size() == 2);
  CHECK(event("DELETED", slice_text)->slice.name == "rmq-x1");
  CHECK(event("RENAMED", slice_text)->type == watch_event_type::unknown);

  const auto bookmark = event("BOOKMARK", R"({"metadata":{"resourceVersion":"99"}})");
  CHECK(bookmark->type == watch_event_type::bookmark);
  CHECK(bookmark->slice.resource_version == "99");

  const auto error = event("ERROR", R"({"kind":"Status","status":"Failure","message":"too old",
      "reason":"Expired","code":410,"details":{"retryAfterSeconds":3}})");
  CHECK(error->type == watch_event_type::error);
  CHECK(error->code == 410);
  CHECK(error->message == "too old");
  CHECK(error->retry_after == std::chrono::seconds(3));

  CHECK(event("ADDED", "{}").error().code == errc::malformed_answer);
  CHECK(parse_watch_event("{}").error().code == errc::malformed_answer);
}

TEST_CASE("an event is read with its object before its type", "[kubernetes]") {
  const auto event = parse_watch_event(R"({"object":)" + slice_text + R"(,"type":"ADDED"})");
  REQUIRE(event.has_value());
  CHECK(event->type == watch_event_type::added);
  CHECK(event->slice.name == "rmq-x1");
}
