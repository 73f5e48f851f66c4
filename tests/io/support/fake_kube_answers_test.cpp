#include "tests/support/catch.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/kube_objects.hpp"
#include "tests/support/raw_http.hpp"
#include "tests/support/run_coroutine.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <set>
#include <utility>

using namespace std::chrono_literals;
using namespace warren;
using namespace warren::testing;
using async::awaitable;
using nlohmann::json;

namespace {

const std::string slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const std::string events = "/apis/events.k8s.io/v1/namespaces/default/events";
const std::string merge_patch = "Content-Type: application/merge-patch+json\r\n";

// Runs `body` beside a fake of its own.
void with_api(std::function<awaitable<void>(fake_kube_api&)> body) {
  run_coroutine([body = std::move(body)]() -> awaitable<void> {
    fake_kube_api api(co_await async::asio::this_coro::executor);
    co_await body(api);
  });
}

awaitable<json> answer_to(fake_kube_api& api, std::string method, std::string target,
                          std::string body = {}, std::string headers = {}) {
  const raw_reply reply = co_await raw_request(api.port(), std::move(method), std::move(target),
                                               std::move(body), std::move(headers));
  json out = json::parse(reply.body);
  out["http"] = reply.status;
  co_return out;
}

}  // namespace

TEST_CASE("the fake API gives an object with the metadata of a server", "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    api.put(endpoints("rabbitmq", {{"rabbitmq-0", "10.0.0.1"}}));
    const json got =
        co_await answer_to(api, "GET", "/api/v1/namespaces/default/endpoints/rabbitmq");
    CHECK(got["http"] == 200);
    CHECK(got["kind"] == "Endpoints");
    CHECK(got["subsets"][0]["addresses"][0]["ip"] == "10.0.0.1");
    CHECK(got["metadata"]["resourceVersion"] == std::to_string(api.version()));
    CHECK_FALSE(got["metadata"]["uid"].get<std::string>().empty());
    REQUIRE(api.requests().size() == 1);
    CHECK(api.requests()[0].verb == "get");
  });
}

TEST_CASE("the fake API says what Kubernetes says of what is not there", "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    const json got = co_await answer_to(api, "GET", leases + "/rabbitmq-record");
    CHECK(got["http"] == 404);
    CHECK(got["kind"] == "Status");
    CHECK(got["reason"] == "NotFound");
    CHECK(got["code"] == 404);
    CHECK(got["message"] == "leases.coordination.k8s.io \"rabbitmq-record\" not found");
    CHECK(got["details"]["group"] == "coordination.k8s.io");
    const raw_reply unknown = co_await raw_request(api.port(), "GET", "/apis/none/v1/things");
    CHECK(unknown.status == 404);
    CHECK(unknown.body == "404 page not found\n");
    const json method = co_await answer_to(api, "PATCH", leases);
    CHECK(method["http"] == 405);
  });
}

TEST_CASE("the fake API lists by label, without kind in the items", "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    api.put(endpoint_slice("rabbitmq-a", "rabbitmq", {{"rabbitmq-0", "10.0.0.1"}}));
    api.put(endpoint_slice("other-a", "other", {{"other-0", "10.0.0.9"}}));
    const json got = co_await answer_to(
        api, "GET", slices + "?labelSelector=kubernetes.io%2Fservice-name%3Drabbitmq");
    CHECK(got["kind"] == "EndpointSliceList");
    REQUIRE(got["items"].size() == 1);
    CHECK(got["items"][0]["metadata"]["name"] == "rabbitmq-a");
    CHECK_FALSE(got["items"][0].contains("kind"));
    const json not_rabbitmq = co_await answer_to(
        api, "GET", slices + "?labelSelector=kubernetes.io/service-name!=rabbitmq");
    REQUIRE(not_rabbitmq["items"].size() == 1);
    CHECK(not_rabbitmq["items"][0]["metadata"]["name"] == "other-a");
    const json by_name =
        co_await answer_to(api, "GET", slices + "?fieldSelector=metadata.name=other-a");
    CHECK(by_name["items"].size() == 1);
    const json unsupported = co_await answer_to(api, "GET", slices + "?labelSelector=a%20in%20(b)");
    CHECK(unsupported["http"] == 400);
  });
}

TEST_CASE("pages of the fake API show one version, whatever changes in between", "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    for (int i = 0; i < 5; ++i) api.put(lease("lease-" + std::to_string(i), "a"));
    json page = co_await answer_to(api, "GET", leases + "?limit=2");
    const json version = page["metadata"]["resourceVersion"];
    CHECK(page["metadata"]["remainingItemCount"] == 3);
    api.remove("leases.coordination.k8s.io", "default", "lease-3");
    api.put(lease("lease-9", "a"));
    std::set<std::string> names;
    for (;;) {
      CHECK(page["metadata"]["resourceVersion"] == version);
      for (const json& item : page["items"]) names.insert(item["metadata"]["name"]);
      if (!page["metadata"].contains("continue")) break;
      const std::string token = page["metadata"]["continue"];
      page = co_await answer_to(api, "GET", leases + "?limit=2&continue=" + token);
    }
    CHECK(names == std::set<std::string>{"lease-0", "lease-1", "lease-2", "lease-3", "lease-4"});
  });
}

TEST_CASE("a page of a compacted version is expired, one of a later version too early",
          "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    for (int i = 0; i < 3; ++i) api.put(lease("lease-" + std::to_string(i), "a"));
    const json page = co_await answer_to(api, "GET", leases + "?limit=2");
    api.compact();
    const std::string token = page["metadata"]["continue"];
    const json expired = co_await answer_to(api, "GET", leases + "?limit=2&continue=" + token);
    CHECK(expired["http"] == 410);
    CHECK(expired["reason"] == "Expired");
    const json early = co_await answer_to(api, "GET", leases + "?resourceVersion=999999");
    CHECK(early["http"] == 504);
    CHECK(early["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge");
  });
}

TEST_CASE("an object is created once", "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    const std::string body = lease("record", "a").dump();
    const json created = co_await answer_to(api, "POST", leases, body);
    CHECK(created["http"] == 201);
    const json again = co_await answer_to(api, "POST", leases, body);
    CHECK(again["http"] == 409);
    CHECK(again["reason"] == "AlreadyExists");
    CHECK(again["message"] == "leases.coordination.k8s.io \"record\" already exists");
    json nameless = lease("record", "a");
    nameless["metadata"].erase("name");
    const json refused = co_await answer_to(api, "POST", leases, nameless.dump());
    CHECK(refused["http"] == 422);
    const json broken = co_await answer_to(api, "POST", leases, "{\"metadata\": ");
    CHECK(broken["http"] == 400);
    const json odd = co_await answer_to(api, "POST", leases, R"({"metadata":{"name":7}})");
    CHECK(odd["http"] == 400);
  });
}

TEST_CASE("of two updates from one version the second is a conflict", "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    json object = api.put(lease("record", "a"));
    object["spec"]["holderIdentity"] = "b";
    const json first = co_await answer_to(api, "PUT", leases + "/record", object.dump());
    CHECK(first["http"] == 200);
    object["spec"]["holderIdentity"] = "c";
    const json second = co_await answer_to(api, "PUT", leases + "/record", object.dump());
    CHECK(second["http"] == 409);
    CHECK(second["reason"] == "Conflict");
    CHECK(api.find("leases.coordination.k8s.io", "default", "record")["spec"]["holderIdentity"] ==
          "b");
    object["metadata"].erase("resourceVersion");
    const json blind = co_await answer_to(api, "PUT", leases + "/record", object.dump());
    CHECK(blind["http"] == 422);
  });
}

TEST_CASE("an update that names the uid is not for another object of that name", "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    const json first = api.put(lease("leader", "pod-0"));
    api.remove("leases.coordination.k8s.io", "default", "leader");
    const json absent = co_await answer_to(api, "PUT", leases + "/leader", first.dump());
    CHECK(absent["http"] == 409);
    CHECK(absent["reason"] == "Conflict");
    json again = api.put(lease("leader", "pod-1"));
    again["metadata"]["uid"] = first["metadata"]["uid"];
    const json other = co_await answer_to(api, "PUT", leases + "/leader", again.dump());
    CHECK(other["http"] == 409);
    CHECK(other["message"].get<std::string>().find("UID in precondition") != std::string::npos);
  });
}

TEST_CASE("a merge patch changes what it names, and an empty one nothing", "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    api.put(lease("record", "a"));
    const std::string path = leases + "/record";
    const json patched = co_await answer_to(
        api, "PATCH", path, R"({"metadata":{"annotations":{"x":"1"}}})", merge_patch);
    CHECK(patched["metadata"]["annotations"]["x"] == "1");
    CHECK(patched["spec"]["holderIdentity"] == "a");
    const auto before = api.version();
    const json same = co_await answer_to(api, "PATCH", path, "{}", merge_patch);
    CHECK(same["http"] == 200);
    CHECK(api.version() == before);
    const json old = co_await answer_to(
        api, "PATCH", path, R"({"metadata":{"resourceVersion":"1001"},"spec":null})", merge_patch);
    CHECK(old["http"] == 409);
    const json untyped = co_await answer_to(api, "PATCH", path, "{}");
    CHECK(untyped["http"] == 415);
  });
}

TEST_CASE("a delete may ask for the version it means", "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    const json object = api.put(lease("record", "a"));
    const json stale = co_await answer_to(api, "DELETE", leases + "/record",
                                          R"({"preconditions":{"resourceVersion":"7"}})");
    CHECK(stale["http"] == 409);
    const json done = co_await answer_to(api, "DELETE", leases + "/record");
    CHECK(done["http"] == 200);
    CHECK(done["status"] == "Success");
    CHECK(done["details"]["uid"] == object["metadata"]["uid"]);
    const json gone = co_await answer_to(api, "DELETE", leases + "/record");
    CHECK(gone["http"] == 404);
  });
}

TEST_CASE("Events are kept if Kubernetes would accept them", "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    std::vector<std::string> told;
    api.on_event([&told](const json& e) { told.push_back(e["reason"]); });
    json event = pod_event("rabbitmq-0.1", "rabbitmq-0", "PeersFound");
    const json created = co_await answer_to(api, "POST", events, event.dump());
    CHECK(created["http"] == 201);
    event["metadata"]["name"] = "rabbitmq-0.2";
    event.erase("reportingInstance");
    const json refused = co_await answer_to(api, "POST", events, event.dump());
    CHECK(refused["http"] == 422);
    CHECK(refused["message"] ==
          "Event.events.k8s.io \"rabbitmq-0.2\" is invalid: reportingInstance: Required value");
    const json series = co_await answer_to(
        api, "PATCH", events + "/rabbitmq-0.1",
        R"({"series":{"count":2,"lastObservedTime":"2026-03-01T10:00:05.000000Z"}})", merge_patch);
    CHECK(series["http"] == 200);
    REQUIRE(api.events().size() == 2);
    CHECK(api.events()[1]["series"]["count"] == 2);
    CHECK(told == std::vector<std::string>{"PeersFound", "PeersFound"});

    const std::string core = "/api/v1/namespaces/default/events";
    const json other_namespace = co_await answer_to(
        api, "POST", core,
        R"({"metadata":{"name":"a"},"involvedObject":{"namespace":"kube-system"},"reason":"X"})");
    CHECK(other_namespace["http"] == 422);
    const json old_style = co_await answer_to(
        api, "POST", core,
        R"({"metadata":{"name":"a"},"involvedObject":{"namespace":"default"},"reason":"X"})");
    CHECK(old_style["http"] == 201);
  });
}

TEST_CASE("who shows no right token is not authorized, and tokens are not recorded",
          "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    api.set_tokens({"first", "second"});
    const json none = co_await answer_to(api, "GET", slices);
    CHECK(none["http"] == 401);
    CHECK(none["reason"] == "Unauthorized");
    const json right =
        co_await answer_to(api, "GET", slices, {}, "Authorization: Bearer second\r\n");
    CHECK(right["http"] == 200);
    api.set_tokens({"third"});
    const json rotated =
        co_await answer_to(api, "GET", slices, {}, "Authorization: Bearer second\r\n");
    CHECK(rotated["http"] == 401);
    for (const auto& request : api.requests()) CHECK(request.headers.count("authorization") == 0);
  });
}

TEST_CASE("a forbidden resource is refused in Kubernetes' words, a lost one is not found",
          "[fake_kube]") {
  with_api([](fake_kube_api& api) -> awaitable<void> {
    api.forbid("endpointslices.discovery.k8s.io", "list");
    const json list = co_await answer_to(api, "GET", slices);
    CHECK(list["http"] == 403);
    CHECK(list["message"] ==
          "endpointslices.discovery.k8s.io is forbidden: User "
          "\"system:serviceaccount:default:rabbitmq\" cannot list resource \"endpointslices\" in "
          "API group \"discovery.k8s.io\" in the namespace \"default\"");
    const json get = co_await answer_to(api, "GET", slices + "/rabbitmq-a");
    CHECK(get["http"] == 404);
    api.permit("endpointslices.discovery.k8s.io", "list");
    const json permitted = co_await answer_to(api, "GET", slices);
    CHECK(permitted["http"] == 200);
    api.lose_resource("endpointslices.discovery.k8s.io");
    const raw_reply lost = co_await raw_request(api.port(), "GET", slices);
    CHECK(lost.status == 404);
    CHECK(lost.body == "404 page not found\n");
  });
}
