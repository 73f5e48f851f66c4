#include "kubernetes/stateful_set.hpp"

#include "kubernetes/errc.hpp"
#include "tests/support/catch.hpp"

using namespace warren::kubernetes;

TEST_CASE("a StatefulSet's size has the API's defaults", "[kubernetes]") {
  const auto set = parse_stateful_set(R"({"kind":"StatefulSet",
    "metadata":{"name":"rmq","uid":"u"},"spec":{"replicas":3,"ordinals":{"start":5}}})");
  REQUIRE(set.has_value());
  CHECK(set->uid == "u");
  CHECK(set->replicas == 3);
  CHECK(set->first_ordinal == 5);
  CHECK_FALSE(set->deleting);
  const auto bare = parse_stateful_set(
      R"({"kind":"StatefulSet","metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})");
  REQUIRE(bare.has_value());
  CHECK(bare->replicas == 1);
  CHECK(bare->first_ordinal == 0);
  CHECK(bare->deleting);
  CHECK(parse_stateful_set("{}").error().code == errc::malformed_answer);
  CHECK(parse_stateful_set(R"({"kind":"StatefulSet","spec":{"replicas":-1}})").error().code ==
        errc::malformed_answer);
}

TEST_CASE("a StatefulSet says how its pods come, by what Service and with which claims",
          "[kubernetes]") {
  const auto set = parse_stateful_set(R"({"kind":"StatefulSet","metadata":{"name":"rmq"},
    "spec":{"serviceName":"rmq-nodes","podManagementPolicy":"Parallel",
      "template":{"metadata":{"name":"other"},
                  "spec":{"volumes":[{"name":"conf","persistentVolumeClaim":{"claimName":"c"}}]}},
      "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{}},
                              {"metadata":{"name":"logs","labels":{"name":"x"}}}]}})");
  REQUIRE(set.has_value());
  CHECK(set->service_name == "rmq-nodes");
  CHECK(set->policy == pod_management::parallel);
  CHECK(set->claim_templates == std::vector<std::string>{"data", "logs"});
}

TEST_CASE("a StatefulSet without a policy makes its pods one after the other", "[kubernetes]") {
  const char* spec = GENERATE("{}", R"({"podManagementPolicy":"OrderedReady"})");
  const auto set = parse_stateful_set(R"({"kind":"StatefulSet","spec":)" + std::string(spec) + "}");
  REQUIRE(set.has_value());
  CHECK(set->policy == pod_management::ordered_ready);
  CHECK(set->claim_templates.empty());
  CHECK(set->service_name.empty());
}

TEST_CASE("a StatefulSet with endless claim templates is not believed", "[kubernetes]") {
  std::string list;
  for (int i = 0; i < 101; ++i) list += R"({"metadata":{"name":"d"}},)";
  list.pop_back();
  CHECK(
      parse_stateful_set(R"({"kind":"StatefulSet","spec":{"volumeClaimTemplates":[)" + list + "]}}")
          .error()
          .code == errc::malformed_answer);
}
