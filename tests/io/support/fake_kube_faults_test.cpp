#include "async/as_result.hpp"
#include "async/with_deadline.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/raw_http.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/error.hpp>

#include <functional>
#include <utility>

using namespace std::chrono_literals;
using namespace warren;
using namespace warren::testing;
using async::awaitable;

namespace {

const std::string slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
const std::string request = "GET " + slices + " HTTP/1.1\r\nHost: t\r\n\r\n";

// Runs `body` beside a fake of its own, with a client that is not connected.
void with_client(std::function<awaitable<void>(fake_kube_api&, raw_tcp&)> body) {
  run_coroutine([body = std::move(body)]() -> awaitable<void> {
    auto executor = co_await async::asio::this_coro::executor;
    fake_kube_api api(executor);
    raw_tcp client(executor);
    co_await body(api, client);
  });
}

}  // namespace

TEST_CASE("a scripted answer fits by verb and path, and is used up", "[fake_kube]") {
  with_client([](fake_kube_api& api, raw_tcp&) -> awaitable<void> {
    scripted_answer busy;
    busy.status = 429;
    busy.times = 2;
    busy.path_prefix = slices;
    busy.verb = "list";
    busy.headers = {{"Retry-After", "3"}};
    api.answer(busy);
    const raw_reply other = co_await raw_request(api.port(), "GET", slices + "/a");
    CHECK(other.status == 404);
    for (int i = 0; i < 2; ++i) {
      const raw_reply refused = co_await raw_request(api.port(), "GET", slices);
      CHECK(refused.status == 429);
      CHECK(refused.head.find("\r\nRetry-After: 3\r\n") != std::string::npos);
    }
    const raw_reply list = co_await raw_request(api.port(), "GET", slices);
    CHECK(list.status == 200);
    CHECK(api.count("list", slices) == 3);
    CHECK(api.count("get", slices) == 1);
  });
}

TEST_CASE("an answer is lost after the request was obeyed", "[fake_kube]") {
  with_client([](fake_kube_api& api, raw_tcp& client) -> awaitable<void> {
    const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    const std::string body = R"({"metadata":{"name":"a"}})";
    api.lose_answer({.verb = "create"});
    co_await client.connect(api.port());
    co_await client.send("POST " + leases + " HTTP/1.1\r\nHost: t\r\nContent-Length: " +
                         std::to_string(body.size()) + "\r\n\r\n" + body);
    const bool closed = co_await client.closed_within(3s);
    CHECK(closed);
    const raw_reply made = co_await raw_request(api.port(), "GET", leases + "/a");
    CHECK(made.status == 200);
  });
}

TEST_CASE("a silent API takes the request and says nothing", "[fake_kube]") {
  const bool in_handshake = GENERATE(false, true);
  with_client([in_handshake](fake_kube_api& api, raw_tcp& client) -> awaitable<void> {
    if (in_handshake) {
      api.silence_handshake();
    } else {
      api.silence();
    }
    co_await client.connect(api.port());
    co_await client.send(request);
    const bool closed = co_await client.closed_within(50ms);
    CHECK_FALSE(closed);
    CHECK(api.count("list", slices) == (in_handshake ? 0 : 1));
    CHECK(api.connections_open() == 1);
    client.close();
    co_await poll_until([&api] { return api.connections_open() == 0; }, "the fake has noticed");
  });
}

TEST_CASE("a slow API answers after its latency", "[fake_kube]") {
  with_client([](fake_kube_api& api, raw_tcp&) -> awaitable<void> {
    api.slow(50ms);
    const auto begin = base::steady::now();
    const raw_reply reply = co_await raw_request(api.port(), "GET", slices);
    CHECK(reply.status == 200);
    CHECK(base::steady::now() - begin >= 50ms);
  });
}

TEST_CASE("a header drips without end", "[fake_kube]") {
  with_client([](fake_kube_api& api, raw_tcp& client) -> awaitable<void> {
    api.drip_header(1ms);
    co_await client.connect(api.port());
    co_await client.send(request);
    const std::string head = co_await client.read_until("aaaa");
    CHECK(head.find("\r\n\r\n") == std::string::npos);
    client.close();
    co_await poll_until([&api] { return api.connections_open() == 0; }, "the fake has noticed");
  });
}

TEST_CASE("an API that went away refuses, and comes back on its port", "[fake_kube]") {
  with_client([](fake_kube_api& api, raw_tcp& client) -> awaitable<void> {
    co_await client.connect(api.port());
    co_await client.send(request);
    co_await client.read_until("\r\n\r\n");
    const auto port = api.port();
    api.go_away();
    const bool closed = co_await client.closed_within(1s);
    CHECK(closed);
    raw_tcp late(co_await async::asio::this_coro::executor);
    const base::result<void> refused = co_await async::as_result(late.connect(port));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == async::asio::error::connection_refused);
    api.come_back();
    CHECK(api.port() == port);
    const raw_reply reply = co_await raw_request(port, "GET", slices);
    CHECK(reply.status == 200);
  });
}

TEST_CASE("what is no HTTP is answered with 400", "[fake_kube]") {
  with_client([](fake_kube_api& api, raw_tcp&) -> awaitable<void> {
    const std::string answer = co_await exchange_raw(api.port(), "\x16\x03\x01\x02 hello\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 400 "));
    CHECK(api.requests().empty());
  });
}
