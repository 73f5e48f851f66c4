#include "kubernetes/endpoints_json.hpp"

#include "kubernetes/errc.hpp"
#include "kubernetes/stateful_set.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using kubernetes::errc;

TEST_CASE("ready and not-ready addresses of all subsets are endpoints", "[kubernetes]") {
  const auto object = kubernetes::parse_endpoints(R"({"kind":"Endpoints","apiVersion":"v1",
    "metadata":{"name":"rmq","annotations":{"endpoints.kubernetes.io/over-capacity":"truncated"}},
    "subsets":[
      {"addresses":[{"ip":"10.0.0.1","hostname":"rmq-0","nodeName":"n",
                     "targetRef":{"kind":"Pod","name":"rmq-0","uid":"u0"}}],
       "notReadyAddresses":[{"ip":"10.0.0.2","targetRef":{"name":"rmq-1","uid":"u1"}}],
       "ports":[{"port":5672}]},
      {"notReadyAddresses":[{"ip":"10.0.0.3"}]}]})");
  REQUIRE(object.has_value());
  CHECK(object->truncated);
  REQUIRE(object->endpoints.size() == 3);
  const kubernetes::endpoint first{"10.0.0.1", "rmq-0", "rmq-0", "u0", true, true, false};
  const kubernetes::endpoint second{"10.0.0.2", "", "rmq-1", "u1", false, false, false};
  CHECK(object->endpoints[0] == first);
  CHECK(object->endpoints[1] == second);
  CHECK(object->endpoints[2].address == "10.0.0.3");
}

TEST_CASE("an Endpoints object without subsets has no endpoints", "[kubernetes]") {
  const auto object = kubernetes::parse_endpoints(R"({"kind":"Endpoints","subsets":null})");
  REQUIRE(object.has_value());
  CHECK(object->endpoints.empty());
}

TEST_CASE("what is no Endpoints object is an error", "[kubernetes]") {
  for (const char* text : {"", "{}", R"({"kind":"Status"})", R"({"kind":"Endpoints")"}) {
    CAPTURE(text);
    CHECK(kubernetes::parse_endpoints(text).error().code == errc::malformed_answer);
  }
}

TEST_CASE("a StatefulSet's size has the API's defaults", "[kubernetes]") {
  const auto set = kubernetes::parse_stateful_set(R"({"kind":"StatefulSet",
    "metadata":{"name":"rmq","uid":"u"},"spec":{"replicas":3,"ordinals":{"start":5}}})");
  REQUIRE(set.has_value());
  CHECK(set->uid == "u");
  CHECK(set->replicas == 3);
  CHECK(set->first_ordinal == 5);
  CHECK_FALSE(set->deleting);
  const auto bare = kubernetes::parse_stateful_set(
      R"({"kind":"StatefulSet","metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})");
  REQUIRE(bare.has_value());
  CHECK(bare->replicas == 1);
  CHECK(bare->first_ordinal == 0);
  CHECK(bare->deleting);
  CHECK(kubernetes::parse_stateful_set("{}").error().code == errc::malformed_answer);
  CHECK(kubernetes::parse_stateful_set(R"({"kind":"StatefulSet","spec":{"replicas":-1}})")
            .error()
            .code == errc::malformed_answer);
}
