#include "kubernetes/lock_holder.hpp"

#include "async/all_of.hpp"
#include "kubernetes/errc.hpp"
#include "tests/io/kubernetes/kube_scene.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kube_objects.hpp"

#include <nlohmann/json.hpp>

#include <utility>
#include <vector>

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

lock_settings settings_of(const std::string& identity) {
  return {.name = "l", .identity = identity};
}

// A hold that lasts so long, and is to be renewed after a third of that.
lock_settings relied_on(const std::string& identity, base::duration length) {
  lock_settings out = settings_of(identity);
  out.margin = out.duration - length;
  return out;
}

json stored_lease(const fake_kube_api& server) {
  return server.find(leases, "default", "l");
}

std::string holder_in(const fake_kube_api& server) {
  return stored_lease(server)["spec"].value("holderIdentity", "");
}

void set_holder(fake_kube_api& server, const std::string& holder) {
  json changed = stored_lease(server);
  changed["spec"]["holderIdentity"] = holder;
  server.put(changed);
}

awaitable<void> contend(api_client& api, std::string identity, int& held, std::string& told) {
  lock_holder lock(api, settings_of(identity));
  const auto state = co_await lock.try_take(soon());
  if (state.value().held) ++held;
  if (!state->held) told = state->holder;
}

}  // namespace

TEST_CASE("a free lock is taken, held, and given back to whoever asks next", "[kubernetes]") {
  const bool exists = GENERATE(false, true);
  with_kube([exists](fake_kube_api& server, api_client& api) -> awaitable<void> {
    if (exists) server.put(testing::lease("l", ""));
    lock_holder first(api, settings_of("first"));
    lock_holder second(api, settings_of("second"));
    const auto taken = co_await first.try_take(soon());
    REQUIRE(taken.value().held);
    CHECK(taken->until == first.held_until());
    CHECK(*first.held_until() > base::steady::now() + 6s);
    CHECK(*first.held_until() <= base::steady::now() + 8s);
    CHECK(holder_in(server) == "first");
    CHECK(stored_lease(server)["spec"]["leaseDurationSeconds"] == 10);

    const auto refused = co_await second.try_take(soon());
    REQUIRE_FALSE(refused.value().held);
    CHECK(refused->holder == "first");
    CHECK_FALSE(second.held_until());

    const auto released = co_await first.release(soon());
    CHECK(released.has_value());
    CHECK_FALSE(first.held_until());
    CHECK(holder_in(server).empty());
    lock_holder third(api, settings_of("third"));
    const auto next = co_await third.try_take(soon());
    CHECK(next.value().held);
    CHECK(stored_lease(server)["spec"]["leaseTransitions"] == (exists ? 2 : 1));
  });
}

TEST_CASE("of two contenders at once exactly one gets the lock", "[kubernetes]") {
  const std::string before = GENERATE("absent", "free");
  with_kube([before](fake_kube_api& server, api_client& api) -> awaitable<void> {
    if (before == "free") server.put(testing::lease("l", ""));
    server.slow(20ms);  // both read before either writes
    int held = 0;
    std::string told;
    std::vector<awaitable<void>> both;
    both.push_back(contend(api, "a", held, told));
    both.push_back(contend(api, "b", held, told));
    co_await async::all_of(std::move(both));
    CHECK(held == 1);
    CHECK(told == holder_in(server));
    const std::string path = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    CHECK(server.count(before == "free" ? "update" : "create", path) == 2);
  });
}

TEST_CASE("a holder with the same identity goes on at once after a restart", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    server.put(testing::lease("l", "me"));
    lock_holder lock(api, settings_of("me"));
    const auto state = co_await lock.try_take(soon());
    CHECK(state.value().held);
    CHECK_FALSE(stored_lease(server)["spec"].contains("leaseTransitions"));
  });
}

TEST_CASE("a lock that is held is not asked for again before it is due", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    lock_holder lock(api, settings_of("me"));
    const auto taken = co_await lock.try_take(soon());
    REQUIRE(taken.value().held);
    const std::size_t requests = server.requests().size();
    const auto again = co_await lock.try_take(soon());
    CHECK(again.value().held);
    CHECK(server.requests().size() == requests);
  });
}

TEST_CASE("a hold is renewed when that is due, without a look", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    lock_holder lock(api, relied_on("me", 1500ms));
    const auto taken = co_await lock.try_take(soon());
    REQUIRE(taken.value().held);
    co_await async::sleep_until(taken->until - 950ms);
    const std::size_t requests = server.requests().size();
    const auto renewed = co_await lock.try_take(soon());
    REQUIRE(renewed.value().held);
    CHECK(renewed->until > taken->until);
    CHECK(server.requests().size() == requests + 1);
  });
}

TEST_CASE("a hold that somebody broke is noticed when it is renewed", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    lock_holder lock(api, relied_on("me", 1500ms));
    const auto taken = co_await lock.try_take(soon());
    REQUIRE(taken.value().held);
    set_holder(server, "other");
    co_await async::sleep_until(taken->until - 950ms);
    const auto lost = co_await lock.try_take(soon());
    REQUIRE_FALSE(lost.value().held);
    CHECK(lost->holder == "other");
    CHECK_FALSE(lock.held_until());
  });
}

TEST_CASE("a holder that slept longer than its lease holds nothing, and releases nothing",
          "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    lock_holder lock(api, relied_on("me", 700ms));
    const auto taken = co_await lock.try_take(soon());
    REQUIRE(taken.value().held);
    co_await async::sleep_until(taken->until);
    CHECK_FALSE(lock.held_until());
    set_holder(server, "other");
    const auto released = co_await lock.release(soon());
    CHECK(released.has_value());
    CHECK(holder_in(server) == "other");
    const auto state = co_await lock.try_take(soon());
    CHECK_FALSE(state.value().held);
  });
}

TEST_CASE("a holder that is silent loses the lock after the duration it named", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    json dead = testing::lease("l", "dead");
    dead["spec"]["leaseDurationSeconds"] = 1;
    dead["spec"]["renewTime"] = "2999-01-01T00:00:00.000000Z";
    server.put(dead);
    lock_settings impatient = settings_of("me");
    impatient.look_every = 100ms;
    lock_holder lock(api, impatient);
    const base::time_point began = base::steady::now();
    auto state = co_await lock.try_take(soon());
    while (!state.value().held) {
      co_await async::sleep_until(state->until);
      state = co_await lock.try_take(soon());
    }
    CHECK(base::steady::now() >= began + 1s);
  });
}

TEST_CASE("a write whose answer was lost is found by the next attempt, and no hold before it",
          "[kubernetes]") {
  const char* lost = GENERATE("create", "update");
  with_kube([lost](fake_kube_api& server, api_client& api) -> awaitable<void> {
    if (lost == std::string("update")) server.put(testing::lease("l", ""));
    // An update is sent once more by itself, if its connection was an old one.
    server.lose_answer({.verb = lost, .times = 2});
    lock_holder lock(api, settings_of("me"));
    const auto unknown = co_await lock.try_take(soon());
    server.behave();
    REQUIRE(unknown.has_error());
    CHECK(unknown.error().status == 0);
    CHECK_FALSE(lock.held_until());
    CHECK(holder_in(server) == "me");
    const auto state = co_await lock.try_take(soon());
    CHECK(state.value().held);
  });
}

TEST_CASE("a conflict with the own write that was sent twice is no loss", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    server.put(testing::lease("l", ""));
    server.lose_answer({.verb = "update"});
    lock_holder lock(api, settings_of("me"));
    const auto state = co_await lock.try_take(soon());
    CHECK(state.value().held);
    CHECK(holder_in(server) == "me");
  });
}

TEST_CASE("a release without an answer ends the hold all the same, and may be tried again",
          "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    lock_holder lock(api, settings_of("me"));
    server.put(testing::lease("l", ""));
    const auto first = co_await lock.try_take(soon());
    REQUIRE(first.value().held);
    server.silence();
    const auto failed = co_await lock.release(base::steady::now() + 50ms);
    CHECK(failed.has_error());
    CHECK_FALSE(lock.held_until());
    server.behave();
    const auto released = co_await lock.release(soon());
    CHECK(released.has_value());
    CHECK(holder_in(server).empty());
  });
}

TEST_CASE("a release survives a change of the Lease by somebody else", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    lock_holder lock(api, settings_of("me"));
    const auto taken = co_await lock.try_take(soon());
    REQUIRE(taken.value().held);
    json touched = stored_lease(server);
    touched["metadata"]["annotations"]["note"] = "x";
    server.put(touched);
    const auto released = co_await lock.release(soon());
    CHECK(released.has_value());
    CHECK(holder_in(server).empty());
    CHECK(stored_lease(server)["metadata"]["annotations"]["note"] == "x");
  });
}

TEST_CASE("a lock without the permission for Leases is a failure that names the Role",
          "[kubernetes]") {
  const char* verb = GENERATE("get", "create");
  with_kube([verb](fake_kube_api& server, api_client& api) -> awaitable<void> {
    server.forbid(leases, verb);
    lock_holder lock(api, settings_of("me"));
    const auto state = co_await lock.try_take(soon());
    REQUIRE(state.has_error());
    CHECK(state.error().why.code == errc::forbidden);
    CHECK(state.error().why.detail.ends_with("get, create and update on " + leases));
    CHECK_FALSE(lock.held_until());
  });
}

TEST_CASE("a hold outlasts an API that is away, up to its end", "[kubernetes]") {
  with_kube([](fake_kube_api& server, api_client& api) -> awaitable<void> {
    lock_holder lock(api, relied_on("me", 900ms));
    const auto taken = co_await lock.try_take(soon());
    REQUIRE(taken.value().held);
    server.go_away();
    co_await async::sleep_until(taken->until - 550ms);
    const auto failed = co_await lock.try_take(soon());
    CHECK(failed.has_error());
    CHECK(lock.held_until() == taken->until);
    co_await async::sleep_until(taken->until);
    CHECK_FALSE(lock.held_until());
  });
}
