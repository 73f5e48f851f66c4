#include "kubernetes/pod.hpp"

#include "kubernetes/errc.hpp"
#include "tests/io/kubernetes/kube_scene.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace std::chrono_literals;
using namespace warren;
using namespace warren::kubernetes;
using async::awaitable;
using nlohmann::json;
using testing::fake_kube_api;
using testing::soon;
using testing::with_kube;

namespace {

json object(const std::string& kind, const std::string& name, bool deleting = false) {
  json out = {{"apiVersion", "v1"}, {"kind", kind}, {"metadata", {{"name", name}}}};
  if (deleting) out["metadata"]["deletionTimestamp"] = "2026-03-01T10:00:00Z";
  return out;
}

}  // namespace

TEST_CASE("a pod that is there is read, one that is not there is nothing", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    json stored = object("Pod", "rmq-0", true);
    stored["status"]["phase"] = "Running";
    stored = server.put(stored);
    const auto there = co_await get_pod(api, "rmq-0", soon());
    REQUIRE(there.has_value());
    REQUIRE(there->has_value());
    CHECK(stored["metadata"]["uid"] == (*there)->uid);
    CHECK((*there)->phase == "Running");
    CHECK((*there)->deleting);
    const auto other = co_await get_pod(api, "rmq-1", soon());
    REQUIRE(other.has_value());
    CHECK_FALSE(other->has_value());
  });
}

TEST_CASE("a claim exists, one that is being deleted too, or the server says that it does not",
          "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    server.put(object("PersistentVolumeClaim", "data-rmq-0"));
    server.put(object("PersistentVolumeClaim", "data-rmq-1", true));
    const auto there = co_await get_claim_exists(api, "data-rmq-0", soon());
    CHECK(there.value());
    const auto leaving = co_await get_claim_exists(api, "data-rmq-1", soon());
    CHECK(leaving.value());
    const auto absent = co_await get_claim_exists(api, "data-rmq-2", soon());
    CHECK_FALSE(absent.value());
  });
}

TEST_CASE("whoever cannot look does not learn that a pod or a claim is absent", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    errc expected = errc::not_found;
    SECTION("forbidden") {
      server.forbid("pods", "get");
      server.forbid("persistentvolumeclaims", "get");
      expected = errc::forbidden;
    }
    SECTION("a proxy's 404") {
      server.answer({.status = 404, .times = 2, .body = "<html>not found</html>"});
    }
    SECTION("a 404 about another object") {
      server.answer({.status = 404, .times = 2, .body = R"({"kind":"Status","reason":"NotFound",
        "details":{"kind":"namespaces","name":"default"}})"});
    }
    SECTION("another object") {
      server.answer({.status = 200, .times = 2, .body = R"({"kind":"Status"})"});
      expected = errc::malformed_answer;
    }
    SECTION("an error of the server") {
      server.answer({.status = 500, .times = 2});
      expected = errc::server_error;
    }
    const auto pod = co_await get_pod(api, "rmq-0", soon());
    REQUIRE(pod.has_error());
    CHECK(pod.error().why.code == expected);
    const auto claim = co_await get_claim_exists(api, "data-rmq-0", soon());
    REQUIRE(claim.has_error());
    CHECK(claim.error().why.code == expected);
  });
}

TEST_CASE("a claim that may not be read is told with the resource and the verb of the Role",
          "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    server.forbid("persistentvolumeclaims");
    const auto claim = co_await get_claim_exists(api, "data-rmq-0", soon());
    REQUIRE(claim.has_error());
    CHECK(claim.error().why.detail ==
          "403 from persistentvolumeclaims data-rmq-0 in namespace default: the Role needs get on "
          "persistentvolumeclaims");
  });
}
