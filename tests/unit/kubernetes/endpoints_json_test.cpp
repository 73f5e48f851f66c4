#include "kubernetes/endpoints_json.hpp"

#include "kubernetes/errc.hpp"
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
