#include "tests/support/chaos_proxy.hpp"

#include "async/as_result.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/raw_tcp.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/error.hpp>

#include <functional>
#include <utility>

using namespace std::chrono_literals;
using namespace warren;
using namespace warren::testing;
using async::awaitable;

namespace {

const std::string request =
    "GET /api/v1/namespaces/default/pods HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";

struct scene {
  explicit scene(const async::asio::any_io_executor& executor)
      : api(executor), proxy(executor, api.port()), client(executor) {}
  fake_kube_api api;
  chaos_proxy proxy;
  raw_tcp client;
};

// Runs `body` with a server, a proxy before it, and a client that is not connected.
void with_proxy(std::function<awaitable<void>(scene&)> body) {
  run_coroutine([body = std::move(body)]() -> awaitable<void> {
    scene s(co_await async::asio::this_coro::executor);
    co_await body(s);
  });
}

}  // namespace

TEST_CASE("the proxy forwards both ways and passes the end on", "[chaos_proxy]") {
  with_proxy([](scene& s) -> awaitable<void> {
    const std::string direct = co_await exchange_raw(s.api.port(), request);
    const std::string through = co_await exchange_raw(s.proxy.port(), request);
    CHECK(through == direct);
    CHECK(through.starts_with("HTTP/1.1 200 OK\r\n"));
    co_await poll_until([&s] { return s.proxy.connections_open() == 0; }, "the proxy is done");
    CHECK(s.proxy.connections_accepted() == 1);
  });
}

TEST_CASE("the proxy cuts after each number of bytes to the client", "[chaos_proxy]") {
  with_proxy([](scene& s) -> awaitable<void> {
    const std::string whole = co_await exchange_raw(s.api.port(), request);
    for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
      s.proxy.cut_after_to_client(bytes);
      const std::string part = co_await exchange_raw(s.proxy.port(), request);
      REQUIRE(part == whole.substr(0, bytes));
    }
  });
}

TEST_CASE("the proxy cuts before the request is whole", "[chaos_proxy]") {
  with_proxy([](scene& s) -> awaitable<void> {
    s.proxy.cut_after_to_server(request.size() - 1);
    const std::string nothing = co_await exchange_raw(s.proxy.port(), request);
    CHECK(nothing.empty());
    CHECK(s.api.requests().empty());
    co_await poll_until([&s] { return s.api.connections_open() == 0; }, "the server sees the cut");
  });
}

TEST_CASE("a delay of the proxy holds each way back", "[chaos_proxy]") {
  with_proxy([](scene& s) -> awaitable<void> {
    s.proxy.delay(30ms);
    const auto begin = base::steady::now();
    const std::string through = co_await exchange_raw(s.proxy.port(), request);
    CHECK(base::steady::now() - begin >= 60ms);
    CHECK(through.starts_with("HTTP/1.1 200 OK\r\n"));
  });
}

TEST_CASE("a half-open connection of the proxy says nothing and stays", "[chaos_proxy]") {
  with_proxy([](scene& s) -> awaitable<void> {
    s.proxy.half_open();
    co_await s.client.connect(s.proxy.port());
    co_await s.client.send(request);
    const bool closed = co_await s.client.closed_within(50ms);
    CHECK_FALSE(closed);
    CHECK(s.api.connections_accepted() == 0);
    s.client.close();
    CHECK(s.proxy.connections_open() == 1);
  });
}

TEST_CASE("a paused proxy holds what it has, and lets it go on resume", "[chaos_proxy]") {
  with_proxy([](scene& s) -> awaitable<void> {
    s.proxy.pause();
    co_await s.client.connect(s.proxy.port());
    co_await s.client.send(request);
    const bool closed = co_await s.client.closed_within(50ms);
    CHECK_FALSE(closed);
    CHECK(s.api.requests().empty());
    s.proxy.resume();
    const std::string answer = co_await s.client.read_until("\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  });
}

TEST_CASE("a refusing proxy keeps its connections and its port", "[chaos_proxy]") {
  with_proxy([](scene& s) -> awaitable<void> {
    co_await s.client.connect(s.proxy.port());
    co_await poll_until([&s] { return s.proxy.connections_open() == 1; }, "it has accepted");
    s.proxy.refuse();
    raw_tcp late(co_await async::asio::this_coro::executor);
    const base::result<void> refused = co_await async::as_result(late.connect(s.proxy.port()));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == async::asio::error::connection_refused);
    co_await s.client.send(request);
    const std::string answer = co_await s.client.read_until("\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    s.proxy.accept();
    const std::string again = co_await exchange_raw(s.proxy.port(), request);
    CHECK(again.starts_with("HTTP/1.1 200 OK\r\n"));
  });
}

TEST_CASE("the proxy resets what is open", "[chaos_proxy]") {
  with_proxy([](scene& s) -> awaitable<void> {
    co_await s.client.connect(s.proxy.port());
    co_await poll_until([&s] { return s.api.connections_open() == 1; }, "it is through");
    s.proxy.reset_connections();
    const bool closed = co_await s.client.closed_within(1s);
    CHECK(closed);
    co_await poll_until([&s] { return s.api.connections_open() == 0; }, "the server sees it");
  });
}
