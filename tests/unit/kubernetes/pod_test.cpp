#include "kubernetes/pod.hpp"

#include "kubernetes/errc.hpp"
#include "tests/support/catch.hpp"

using namespace warren::kubernetes;

TEST_CASE("a pod is read with its uid, its phase and whether it is being deleted", "[kubernetes]") {
  const auto running = parse_pod(R"({"kind":"Pod","metadata":{"name":"rmq-0","uid":"u",
    "ownerReferences":[{"name":"rmq","uid":"set"}]},"status":{"phase":"Running"}})");
  REQUIRE(running.has_value());
  CHECK(running->name == "rmq-0");
  CHECK(running->uid == "u");
  CHECK(running->phase == "Running");
  CHECK_FALSE(running->deleting);
  const auto leaving = parse_pod(R"({"kind":"Pod","metadata":{"name":"rmq-0","uid":"u",
    "deletionTimestamp":"2026-01-01T00:00:00Z"}})");
  REQUIRE(leaving.has_value());
  CHECK(leaving->deleting);
  CHECK(leaving->phase.empty());
}

TEST_CASE("what is no pod with a name and a uid is an error", "[kubernetes]") {
  const char* text = GENERATE("", "{}", R"({"kind":"Pod","metadata":{"name":"rmq-0"}})",
                              R"({"kind":"Pod","metadata":{"uid":"u"}})",
                              R"({"kind":"PodList","metadata":{"name":"rmq-0","uid":"u"}})",
                              R"({"kind":"Pod","metadata":{"name":"rmq-0","uid":"u"})");
  CAPTURE(text);
  CHECK(parse_pod(text).error().code == errc::malformed_answer);
}
