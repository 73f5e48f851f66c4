#include "kubernetes/lease.hpp"

#include "kubernetes/errc.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace std::chrono_literals;
using namespace warren::kubernetes;
using nlohmann::json;

namespace {

// As kube-apiserver 1.29 sends it.
constexpr const char* held = R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v1",
  "metadata":{"name":"rmq-formation","namespace":"shop","uid":"u-1","resourceVersion":"4711",
    "creationTimestamp":"2026-07-24T14:05:30Z","labels":{"team":"queues"},
    "annotations":{"example.com/record":"{\"a\":1}","note":"x"},
    "ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"rmq-0","uid":"p"}],
    "managedFields":[{"manager":"warren","operation":"Update","fieldsV1":{"f:spec":{}}}]},
  "spec":{"holderIdentity":"pod-0","leaseDurationSeconds":15,"leaseTransitions":3,
    "acquireTime":"2026-07-24T14:05:30.000000Z","renewTime":"2026-07-24T14:05:32.000007Z",
    "strategy":"OldestEmulationVersion"}})";

json body_of(const lease& l) {
  return json::parse(lease_body(l, "shop"));
}

}  // namespace

TEST_CASE("a Lease is read with its holder, times, version and annotations", "[kubernetes]") {
  const auto l = parse_lease(held);
  REQUIRE(l.has_value());
  CHECK(l->name == "rmq-formation");
  CHECK(l->uid == "u-1");
  CHECK(l->resource_version == "4711");
  CHECK(l->holder == "pod-0");
  CHECK(l->duration == 15s);
  CHECK(l->transitions == 3);
  CHECK(l->acquire_time == "2026-07-24T14:05:30.000000Z");
  CHECK(l->renew_time == "2026-07-24T14:05:32.000007Z");
  CHECK(l->annotations.at("example.com/record") == R"({"a":1})");
  CHECK(l->annotations.size() == 2);
}

TEST_CASE("what a Lease does not have is empty, and null is the same", "[kubernetes]") {
  const char* spec = GENERATE("", R"(,"spec":{})", R"(,"spec":null)",
                              R"(,"spec":{"holderIdentity":null,"leaseDurationSeconds":null})");
  const auto l =
      parse_lease(R"({"kind":"Lease","metadata":{"name":"a","uid":"u","resourceVersion":"1"})" +
                  std::string(spec) + "}");
  REQUIRE(l.has_value());
  CHECK(l->holder.empty());
  CHECK(l->renew_time.empty());
  CHECK(l->duration == 0s);
  CHECK(l->transitions == 0);
  CHECK(l->annotations.empty());
}

TEST_CASE("what is no Lease, or one with impossible fields, is an error", "[kubernetes]") {
  const std::string head = R"({"kind":"Lease","metadata":{"name":"a","uid":"u",)";
  const std::string text = GENERATE_COPY(
      std::string(), std::string("{}"), std::string("[]"), std::string(R"({"kind":"Status"})"),
      std::string(R"({"kind":"Lease","metadata":[{"name":"a"}]})"),
      std::string(R"({"kind":"Lease","metadata":{"name":"a","uid":"u"}})"),
      head + R"("resourceVersion":"1"},"spec":{"leaseDurationSeconds":-1}})",
      head + R"("resourceVersion":"1"},"spec":{"leaseDurationSeconds":4294967296}})",
      head + R"("resourceVersion":"1"},"spec":{"leaseDurationSeconds":"15"}})",
      head + R"("resourceVersion":"1"},"spec":{"leaseTransitions":1.5}})",
      std::string(held).substr(0, 400), std::string(70, '[') + std::string(70, ']'));
  CAPTURE(text);
  CHECK(parse_lease(text).error().code == errc::malformed_answer);
}

TEST_CASE("a Lease beyond what etcd stores is refused unread", "[kubernetes]") {
  CHECK(parse_lease(std::string(max_lease + 1, ' ')).error().code == errc::answer_too_large);
}

TEST_CASE("an update changes what was set and leaves the rest of the object as it was",
          "[kubernetes]") {
  lease l = parse_lease(held).value();
  l.holder = "pod-1";
  l.transitions = 4;
  l.annotations["note"] = "y";
  json expected = json::parse(held);
  expected["spec"]["holderIdentity"] = "pod-1";
  expected["spec"]["leaseTransitions"] = 4;
  expected["metadata"]["annotations"]["note"] = "y";
  CHECK(body_of(l) == expected);
}

TEST_CASE("an update that nothing was changed for sends the object as it came", "[kubernetes]") {
  CHECK(body_of(parse_lease(held).value()) == json::parse(held));
}

TEST_CASE("a holder, a time and an annotation that were emptied are gone from the object",
          "[kubernetes]") {
  lease l = parse_lease(held).value();
  l.holder.clear();
  l.renew_time.clear();
  l.annotations.erase("note");
  const json body = body_of(l);
  CHECK_FALSE(body["spec"].contains("holderIdentity"));
  CHECK_FALSE(body["spec"].contains("renewTime"));
  CHECK_FALSE(body["metadata"]["annotations"].contains("note"));
  CHECK(body["metadata"]["annotations"].contains("example.com/record"));
}

TEST_CASE("a new Lease has a name, a namespace and what was set", "[kubernetes]") {
  lease l;
  l.name = "rmq-record";
  l.annotations["example.com/record"] = "text";
  CHECK(body_of(l) == json::parse(R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease",
    "metadata":{"name":"rmq-record","namespace":"shop",
                "annotations":{"example.com/record":"text"}},"spec":{}})"));
}

TEST_CASE("foreign bytes in a Lease's raw text or fields do not break its body", "[kubernetes]") {
  lease l;
  l.name = "a\xff";
  l.raw = GENERATE("nonsense", "[1]", R"({"metadata":[],"spec":"x"})");
  CHECK(body_of(l)["metadata"]["name"] == "a\xef\xbf\xbd");
}
