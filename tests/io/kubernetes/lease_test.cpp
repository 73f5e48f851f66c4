#include "kubernetes/lease.hpp"

#include "kubernetes/errc.hpp"
#include "kubernetes/lease_record.hpp"
#include "tests/io/kubernetes/kube_scene.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kube_objects.hpp"

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

const std::string leases = "leases.coordination.k8s.io";
const record_place place{"rmq-record", "example.com/record"};

lease named(const std::string& name, const std::string& holder) {
  lease l;
  l.name = name;
  l.holder = holder;
  l.duration = 10s;
  l.renew_time = "2026-07-24T14:05:30.000000Z";
  return l;
}

}  // namespace

TEST_CASE("a Lease is created once, and read by others as it was written", "[kubernetes]") {
  with_kube([](fake_kube_api&, api_client& api) -> awaitable<void> {
    const auto absent = co_await get_lease(api, "l", soon());
    REQUIRE(absent.has_value());
    CHECK_FALSE(absent->has_value());
    const auto made = co_await create_lease(api, named("l", "me"), soon());
    REQUIRE(made.has_value());
    CHECK_FALSE(made->uid.empty());
    CHECK_FALSE(made->resource_version.empty());
    const auto again = co_await create_lease(api, named("l", "other"), soon());
    REQUIRE(again.has_error());
    CHECK(again.error().why.code == errc::conflict);
    const auto read = co_await get_lease(api, "l", soon());
    REQUIRE(read.has_value());
    REQUIRE(read->has_value());
    CHECK((*read)->holder == "me");
    CHECK((*read)->resource_version == made->resource_version);
  });
}

TEST_CASE("of two updates of one version the second is a conflict, and changes nothing",
          "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    lease first = (co_await create_lease(api, named("l", ""), soon())).value();
    lease second = first;
    first.holder = "first";
    second.holder = "second";
    const auto won = co_await update_lease(api, first, soon());
    CHECK(won.has_value());
    const auto lost = co_await update_lease(api, second, soon());
    REQUIRE(lost.has_error());
    CHECK(lost.error().why.code == errc::conflict);
    CHECK(server.find(leases, "default", "l")["spec"]["holderIdentity"] == "first");
  });
}

TEST_CASE("an update of a Lease that was deleted, or made anew, is a conflict", "[kubernetes]") {
  const bool anew = GENERATE(false, true);
  with_kube([anew](fake_kube_api& server, api_client& api) -> awaitable<void> {
    const lease before = (co_await create_lease(api, named("l", "me"), soon())).value();
    server.remove(leases, "default", "l");
    if (anew) server.put(testing::lease("l", "other"));
    const auto lost = co_await update_lease(api, before, soon());
    REQUIRE(lost.has_error());
    CHECK(lost.error().why.code == errc::conflict);
    const json left = server.find(leases, "default", "l");
    CHECK(left.is_null() != anew);
  });
}

TEST_CASE("an update keeps labels, owners and fields that are not known here", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    json theirs = testing::lease("l", "other");
    theirs["metadata"]["labels"] = {{"team", "queues"}};
    theirs["metadata"]["ownerReferences"] = json::array({{{"kind", "Pod"}, {"name", "p"}}});
    theirs["spec"]["strategy"] = "OldestEmulationVersion";
    const json before = server.put(theirs);
    lease l = (co_await get_lease(api, "l", soon())).value().value();
    l.holder = "me";
    const auto written = co_await update_lease(api, std::move(l), soon());
    REQUIRE(written.has_value());
    json expected = before;
    expected["spec"]["holderIdentity"] = "me";
    expected["metadata"]["resourceVersion"] = written->resource_version;
    CHECK(server.find(leases, "default", "l") == expected);
  });
}

TEST_CASE("Leases that are forbidden are told with the resource and the verbs of the Role",
          "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    server.forbid(leases);
    const auto got = co_await get_lease(api, "l", soon());
    const auto made = co_await create_lease(api, named("l", "me"), soon());
    const auto put = co_await update_lease(api, named("l", "me"), soon());
    for (const api_failure& f : {got.error(), made.error(), put.error()}) {
      CHECK(f.why.code == errc::forbidden);
      CHECK(f.why.detail ==
            "403 from leases.coordination.k8s.io l in namespace default: the Role needs get, "
            "create and update on leases.coordination.k8s.io");
    }
  });
}

TEST_CASE("a 404 that is not about the Lease does not say that it is absent", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    server.lose_resource(leases);
    const auto got = co_await get_lease(api, "l", soon());
    REQUIRE(got.has_error());
    CHECK(got.error().why.code == errc::not_found);
  });
}

TEST_CASE("an answer that is no Lease is a failure, and so is none by the deadline",
          "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    server.answer({.status = 200, .times = 2, .body = R"({"kind":"Pod"})"});
    const auto other = co_await get_lease(api, "l", soon());
    CHECK(other.error().why.code == errc::malformed_answer);
    const auto stored = co_await create_lease(api, named("l", "me"), soon());
    CHECK(stored.error().why.code == errc::malformed_answer);
    server.silence();
    const auto silent = co_await get_lease(api, "l", base::steady::now() + 50ms);
    REQUIRE(silent.has_error());
    CHECK(silent.error().status == 0);
  });
}

TEST_CASE("a record that nobody wrote has no text, and is created by the first", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    const auto absent = co_await get_record(api, place, soon());
    REQUIRE(absent.has_value());
    CHECK_FALSE(absent->text);
    const auto first = co_await put_record(api, place, *absent, "mine", soon());
    REQUIRE(first.has_value());
    CHECK(first->text == "mine");
    const auto second = co_await put_record(api, place, *absent, "theirs", soon());
    REQUIRE(second.has_error());
    CHECK(second.error().why.code == errc::conflict);
    const json stored = server.find(leases, "default", "rmq-record");
    CHECK(stored["metadata"]["annotations"] == json({{"example.com/record", "mine"}}));
    CHECK_FALSE(stored["metadata"].contains("ownerReferences"));
    CHECK_FALSE(stored["spec"].contains("holderIdentity"));
  });
}

TEST_CASE("a record is only written over the one that was read", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    const auto absent = co_await get_record(api, place, soon());
    const auto first = co_await put_record(api, place, *absent, "1", soon());
    const auto second = co_await put_record(api, place, *first, "2", soon());
    REQUIRE(second.has_value());
    CHECK(second->text == "2");
    const auto late = co_await put_record(api, place, *first, "3", soon());
    CHECK(late.error().why.code == errc::conflict);
    server.remove(leases, "default", "rmq-record");
    const auto gone = co_await put_record(api, place, *second, "3", soon());
    CHECK(gone.error().why.code == errc::conflict);
  });
}

TEST_CASE("a record leaves the other annotations of its Lease alone", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    json theirs = testing::lease("rmq-record", "");
    theirs["metadata"]["annotations"] = {{"note", "x"}};
    server.put(theirs);
    const auto before = co_await get_record(api, place, soon());
    REQUIRE(before.has_value());
    CHECK_FALSE(before->text);
    const auto written = co_await put_record(api, place, *before, "mine", soon());
    REQUIRE(written.has_value());
    CHECK(server.find(leases, "default", "rmq-record")["metadata"]["annotations"] ==
          json({{"example.com/record", "mine"}, {"note", "x"}}));
  });
}
