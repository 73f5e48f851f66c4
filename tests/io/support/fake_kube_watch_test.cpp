#include "tests/support/catch.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/kube_objects.hpp"
#include "tests/support/raw_http.hpp"
#include "tests/support/run_coroutine.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <utility>

using namespace std::chrono_literals;
using namespace warren;
using namespace warren::testing;
using async::awaitable;
using nlohmann::json;

namespace {

const std::string slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
const std::string resource = "endpointslices.discovery.k8s.io";

json slice(const std::string& name, const std::string& service = "rabbitmq") {
  return endpoint_slice(name, service, {{"rabbitmq-0", "10.0.0.1"}});
}

std::string watch_from(std::uint64_t version, const std::string& more = {}) {
  return slices + "?watch=1&resourceVersion=" + std::to_string(version) + more;
}

// Runs `body` beside a fake of its own, with a watch that has not begun.
void with_watch(std::function<awaitable<void>(fake_kube_api&, raw_watch&)> body) {
  run_coroutine([body = std::move(body)]() -> awaitable<void> {
    auto executor = co_await async::asio::this_coro::executor;
    fake_kube_api api(executor);
    raw_watch watch(executor);
    co_await body(api, watch);
  });
}

}  // namespace

TEST_CASE("a watch of the fake API shows every change after its version", "[fake_kube]") {
  with_watch([](fake_kube_api& api, raw_watch& watch) -> awaitable<void> {
    api.put(slice("a"));
    const auto version = api.version();
    api.put(slice("b"));
    co_await watch.begin(api.port(), watch_from(version));
    const json missed = co_await watch.next();
    CHECK(missed["type"] == "ADDED");
    CHECK(missed["object"]["kind"] == "EndpointSlice");
    CHECK(missed["object"]["metadata"]["name"] == "b");
    json changed = slice("a");
    changed["endpoints"] = json::array();
    api.put(changed);
    api.remove(resource, "default", "b");
    const json modified = co_await watch.next();
    CHECK(modified["type"] == "MODIFIED");
    const json deleted = co_await watch.next();
    CHECK(deleted["type"] == "DELETED");
    CHECK(deleted["object"]["metadata"]["resourceVersion"] == std::to_string(api.version()));
    CHECK(api.watches_open() == 1);
    watch.close();
    co_await poll_until([&api] { return api.watches_open() == 0; }, "the watch has ended");
  });
}

TEST_CASE("a watch without a version begins with what is there", "[fake_kube]") {
  with_watch([](fake_kube_api& api, raw_watch& watch) -> awaitable<void> {
    api.put(slice("a"));
    api.put(slice("b"));
    api.remove(resource, "default", "b");
    co_await watch.begin(api.port(), slices + "?watch=true");
    const json first = co_await watch.next();
    CHECK(first["type"] == "ADDED");
    CHECK(first["object"]["metadata"]["name"] == "a");
    api.put(slice("c"));
    const json second = co_await watch.next();
    CHECK(second["object"]["metadata"]["name"] == "c");
  });
}

TEST_CASE("an object that leaves the selection is deleted for its watch", "[fake_kube]") {
  with_watch([](fake_kube_api& api, raw_watch& watch) -> awaitable<void> {
    api.put(slice("a"));
    co_await watch.begin(
        api.port(),
        watch_from(api.version(), "&labelSelector=kubernetes.io%2Fservice-name%3Drabbitmq"));
    api.put(slice("unseen", "other"));
    api.put(slice("a", "other"));
    const json left = co_await watch.next();
    CHECK(left["type"] == "DELETED");
    CHECK(left["object"]["metadata"]["name"] == "a");
    api.put(slice("a"));
    const json back = co_await watch.next();
    CHECK(back["type"] == "ADDED");
  });
}

TEST_CASE("a watch ends at its timeout, with a bookmark if it may", "[fake_kube]") {
  with_watch([](fake_kube_api& api, raw_watch& watch) -> awaitable<void> {
    co_await watch.begin(api.port(),
                         watch_from(api.version(), "&timeoutSeconds=1&allowWatchBookmarks=true"));
    const json bookmark = co_await watch.next();
    CHECK(bookmark["type"] == "BOOKMARK");
    CHECK(bookmark["object"]["kind"] == "EndpointSlice");
    CHECK(bookmark["object"]["metadata"]["resourceVersion"] == std::to_string(api.version()));
    const bool ended = co_await watch.ended();
    CHECK(ended);
    watch.close();
  });
}

TEST_CASE("a connection serves again after a watch has ended on it", "[fake_kube]") {
  run_coroutine([]() -> awaitable<void> {
    auto executor = co_await async::asio::this_coro::executor;
    fake_kube_api api(executor);
    raw_tcp client(executor);
    co_await client.connect(api.port());
    co_await client.send("GET " + watch_from(api.version()) + " HTTP/1.1\r\nHost: t\r\n\r\n");
    co_await client.read_until("\r\n\r\n");
    api.end_watches();
    co_await client.read_until("0\r\n\r\n");
    co_await client.send("GET " + slices + " HTTP/1.1\r\nHost: t\r\n\r\n");
    const std::string head = co_await client.read_until("\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(api.connections_accepted() == 1);
  });
}

TEST_CASE("a watch from a compacted version gets 410 in the stream", "[fake_kube]") {
  const bool by_compaction = GENERATE(true, false);
  with_watch([by_compaction](fake_kube_api& api, raw_watch& watch) -> awaitable<void> {
    const auto version = api.version();
    if (by_compaction) {
      api.compact();
    } else {
      api.fail_watches(watch_fault::expired);
    }
    co_await watch.begin(api.port(), watch_from(version));
    const json error = co_await watch.next();
    CHECK(error["type"] == "ERROR");
    CHECK(error["object"]["code"] == 410);
    CHECK(error["object"]["reason"] == "Expired");
    const bool ended = co_await watch.ended();
    CHECK(ended);
  });
}

TEST_CASE("only so many watches fail as were told to", "[fake_kube]") {
  run_coroutine([]() -> awaitable<void> {
    auto executor = co_await async::asio::this_coro::executor;
    fake_kube_api api(executor);
    api.fail_watches(watch_fault::ended_at_once, 2);
    const auto version = api.version();
    api.put(slice("a"));
    for (int i = 0; i < 2; ++i) {
      raw_watch empty(executor);
      co_await empty.begin(api.port(), watch_from(version));
      const bool ended = co_await empty.ended();
      CHECK(ended);
    }
    raw_watch whole(executor);
    co_await whole.begin(api.port(), watch_from(version));
    const json event = co_await whole.next();
    CHECK(event["type"] == "ADDED");
  });
}

TEST_CASE("a watch is cut inside a line, or after so many bytes", "[fake_kube]") {
  with_watch([](fake_kube_api& api, raw_watch& watch) -> awaitable<void> {
    api.fail_watches(watch_fault::cut_inside_line);
    const auto version = api.version();
    api.put(slice("a"));
    co_await watch.begin(api.port(), watch_from(version));
    const std::string half = co_await watch.rest();
    CHECK(half.find("{\"type\"") != std::string::npos);
    CHECK(half.find('\n', half.find("{\"type\"")) == std::string::npos);

    for (const std::size_t bytes : {0U, 1U, 100U}) {
      api.cut_watches_after(bytes);
      raw_watch cut(co_await async::asio::this_coro::executor);
      co_await cut.begin(api.port(), watch_from(version));
      const std::string rest = co_await cut.rest();
      CHECK(rest.size() == rest.find("\r\n") + 2 + bytes);
    }
  });
}

TEST_CASE("a muted watch stays open and shows nothing until the fake behaves", "[fake_kube]") {
  with_watch([](fake_kube_api& api, raw_watch& watch) -> awaitable<void> {
    co_await watch.begin(api.port(), watch_from(api.version()));
    api.mute_watches();
    api.put(slice("a"));
    raw_watch other(co_await async::asio::this_coro::executor);
    co_await other.begin(api.port(),
                         slices + "?watch=1&resourceVersion=" + std::to_string(api.version()));
    CHECK(api.watches_open() == 2);
    api.behave();
    const json event = co_await watch.next();
    CHECK(event["object"]["metadata"]["name"] == "a");
  });
}

TEST_CASE("events come twice, of unknown type, or as bookmarks only, if told so", "[fake_kube]") {
  with_watch([](fake_kube_api& api, raw_watch& watch) -> awaitable<void> {
    co_await watch.begin(api.port(), watch_from(api.version(), "&allowWatchBookmarks=true"));
    api.repeat_events();
    api.put(slice("a"));
    const json first = co_await watch.next();
    const json second = co_await watch.next();
    CHECK(first == second);
    api.send_unknown_event();
    const json unknown = co_await watch.next();
    CHECK(unknown["type"] == "REPLACED");
    api.send_bookmarks_every(1ms);
    const json bookmark = co_await watch.next();
    const json later = co_await watch.next();
    CHECK(bookmark["type"] == "BOOKMARK");
    CHECK(bookmark["object"]["metadata"]["resourceVersion"] !=
          later["object"]["metadata"]["resourceVersion"]);
  });
}

TEST_CASE("an endless line grows until the client leaves", "[fake_kube]") {
  run_coroutine([]() -> awaitable<void> {
    auto executor = co_await async::asio::this_coro::executor;
    fake_kube_api api(executor);
    api.fail_watches(watch_fault::endless_line);
    raw_tcp client(executor);
    co_await client.connect(api.port());
    co_await client.send("GET " + watch_from(api.version()) + " HTTP/1.1\r\nHost: t\r\n\r\n");
    const std::string much = co_await client.read_until(std::string(60000, 'a'));
    CHECK(much.size() > 60000);
    client.close();
    co_await poll_until([&api] { return api.watches_open() == 0; }, "the watch has ended");
  });
}
