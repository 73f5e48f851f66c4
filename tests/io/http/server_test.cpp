#include "http/server.hpp"

#include "async/task_group.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_tcp.hpp"
#include "tests/support/run_coroutine.hpp"

#include <memory>
#include <stdexcept>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using testing::exchange_raw;
using testing::raw_tcp;

namespace {

const std::string probe = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const std::string kept_probe = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";

awaitable<http::reply> answer(const http::request& asked) {
  http::reply r;
  if (asked.path == "/slow") co_await async::sleep_for(1h);
  if (asked.path == "/bug") throw std::logic_error("bug");
  if (asked.path == "/large") r.body.assign(8 * 1024 * 1024, 'x');
  if (asked.path == "/missing") r.status = 404;
  if (r.body.empty()) r.body = "path=" + asked.path + "\n";
  co_return r;
}

// A server on a port of its own, as a task of the test.
struct running_server {
  running_server(const async::asio::any_io_executor& executor, http::server_settings settings,
                 bool ipv6 = false)
      : tasks(executor, [](std::string_view, const std::exception_ptr&) { FAIL("server broke"); }),
        server(executor, answer, settings, [this](const std::exception_ptr&) { ++bugs; }) {
    const testing::listening_socket listener = testing::listen_on_loopback(ipv6);
    port = listener.port;
    server.add_listener(listener.descriptor);
    tasks.spawn("server", server.run());
  }
  awaitable<void> stop() {
    server.stop();
    co_await tasks.join();
    CHECK(server.counters().connections_open == 0);
  }
  async::task_group tasks;
  http::server server;
  std::uint16_t port = 0;
  int bugs = 0;
};

using test_body = awaitable<void> (*)(running_server&);

void with_server(test_body body, http::server_settings settings = {}) {
  testing::run_coroutine([=]() -> awaitable<void> {
    running_server s(co_await async::asio::this_coro::executor, settings);
    co_await body(s);
    co_await s.stop();
  });
}

std::string body_of(const std::string& answer) {
  const std::size_t at = answer.find("\r\n\r\n");
  return at == std::string::npos ? "" : answer.substr(at + 4);
}

}  // namespace

TEST_CASE("a probe is answered and its connection closed", "[http]") {
  with_server([](running_server& s) -> awaitable<void> {
    const std::string got = co_await exchange_raw(s.port, probe);
    CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(got.find("Content-Length: 13\r\n") != std::string::npos);
    CHECK(got.find("Connection: close\r\n") != std::string::npos);
    CHECK(body_of(got) == "path=/readyz\n");
    CHECK(s.server.counters().requests == 1);
  });
}

TEST_CASE("an IPv6 listener is served too", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    running_server s(executor, http::server_settings(), true);
    raw_tcp client(executor);
    co_await client.connect(s.port, true);
    co_await client.send(probe);
    const std::string got = co_await client.read_to_end();
    CHECK(body_of(got) == "path=/readyz\n");
    co_await s.stop();
  });
}

TEST_CASE("a kept connection carries request after request, pipelined ones too", "[http]") {
  with_server([](running_server& s) -> awaitable<void> {
    raw_tcp client(co_await async::asio::this_coro::executor);
    co_await client.connect(s.port);
    co_await client.send(kept_probe);
    const std::string first = co_await client.read_until("path=/readyz\n");
    CHECK(first.find("Connection: keep-alive") != std::string::npos);
    co_await client.send(kept_probe + kept_probe + probe);
    const std::string rest = co_await client.read_to_end();
    CHECK(s.server.counters().requests == 4);
    CHECK(s.server.counters().connections_accepted == 1);
    CHECK(rest.ends_with("path=/readyz\n"));
  });
}

TEST_CASE("HEAD has the header of GET and no body", "[http]") {
  with_server([](running_server& s) -> awaitable<void> {
    const std::string got = co_await exchange_raw(s.port, "HEAD /readyz HTTP/1.0\r\n\r\n");
    CHECK(got.find("Content-Length: 13\r\n") != std::string::npos);
    CHECK(got.ends_with("\r\n\r\n"));
  });
}

TEST_CASE("P8: malformed, large and foreign requests are refused and the connection closed",
          "[http]") {
  with_server([](running_server& s) -> awaitable<void> {
    const std::string malformed = co_await exchange_raw(s.port, "hello\r\n\r\n");
    CHECK(malformed.starts_with("HTTP/1.1 400 "));
    const std::string posted =
        co_await exchange_raw(s.port, "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    CHECK(posted.starts_with("HTTP/1.1 405 "));
    CHECK(posted.find("Allow: GET, HEAD\r\n") != std::string::npos);
    const std::string body =
        co_await exchange_raw(s.port, "GET / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n");
    CHECK(body.starts_with("HTTP/1.1 413 "));
    // More than the server will read: the answer must arrive all the same.
    const std::string header = co_await exchange_raw(
        s.port, "GET / HTTP/1.1\r\nX: " + std::string(200000, 'x') + "\r\n\r\n");
    CHECK(header.starts_with("HTTP/1.1 431 "));
    CHECK(s.server.counters().requests_refused == 4);
  });
}

TEST_CASE("P7: who sends a header too slowly is hung up on", "[http]") {
  http::server_settings settings;
  settings.header_timeout = 60ms;
  with_server(
      [](running_server& s) -> awaitable<void> {
        raw_tcp client(co_await async::asio::this_coro::executor);
        co_await client.connect(s.port);
        co_await client.send("GET / HTT");
        const bool closed = co_await client.closed_within(2s);
        CHECK(closed);
        CHECK(s.server.counters().connections_timed_out == 1);
      },
      settings);
}

TEST_CASE("P7: who does not read its answer is hung up on", "[http]") {
  http::server_settings settings;
  settings.write_timeout = 60ms;
  with_server(
      [](running_server& s) -> awaitable<void> {
        raw_tcp client(co_await async::asio::this_coro::executor);
        co_await client.connect(s.port);
        co_await client.send("GET /large HTTP/1.1\r\n\r\n");
        co_await testing::poll_until([&] { return s.server.counters().connections_timed_out == 1; },
                                     "write timeout");
      },
      settings);
}

TEST_CASE("an idle kept connection is closed in the end", "[http]") {
  http::server_settings settings;
  settings.idle_timeout = 60ms;
  with_server(
      [](running_server& s) -> awaitable<void> {
        raw_tcp client(co_await async::asio::this_coro::executor);
        co_await client.connect(s.port);
        co_await client.send(kept_probe);
        const std::string got = co_await client.read_until("path=/readyz\n");
        const bool closed = co_await client.closed_within(2s);
        CHECK(closed);
      },
      settings);
}

TEST_CASE("P7: with 1000 idle connections probes are still answered", "[http]") {
  with_server([](running_server& s) -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    std::vector<std::unique_ptr<raw_tcp>> idle;
    for (int i = 0; i < 1000; ++i) {
      idle.push_back(std::make_unique<raw_tcp>(executor));
      co_await idle.back()->connect(s.port);
    }
    for (int i = 0; i < 5; ++i) {
      const std::string got = co_await exchange_raw(s.port, probe);
      CHECK(body_of(got) == "path=/readyz\n");
    }
    CHECK(s.server.counters().connections_open <= 512);
    CHECK(s.server.counters().connections_evicted >= 488);
  });
}

TEST_CASE("P7: clients that do not read their answers cannot keep a probe out", "[http]") {
  http::server_settings settings;
  settings.max_connections = 8;
  with_server(
      [](running_server& s) -> awaitable<void> {
        const auto executor = co_await async::asio::this_coro::executor;
        std::vector<std::unique_ptr<raw_tcp>> deaf;
        for (std::uint64_t i = 1; i <= 8; ++i) {
          deaf.push_back(std::make_unique<raw_tcp>(executor));
          co_await deaf.back()->connect(s.port);
          co_await deaf.back()->send("GET /large HTTP/1.1\r\n\r\nGET /large HTTP/1.1\r\n\r\n");
          co_await testing::poll_until([&] { return s.server.counters().requests == i; }, "asked");
        }
        const std::string got = co_await exchange_raw(s.port, probe);
        CHECK(body_of(got) == "path=/readyz\n");
        CHECK(s.server.counters().connections_evicted == 1);
      },
      settings);
}

TEST_CASE("there are never more connections than descriptors for them", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit few = before;
    few.rlim_cur = 64 + 4;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    running_server s(executor, http::server_settings());
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    std::vector<std::unique_ptr<raw_tcp>> idle;
    for (int i = 0; i < 6; ++i) {
      idle.push_back(std::make_unique<raw_tcp>(executor));
      co_await idle.back()->connect(s.port);
    }
    co_await testing::poll_until([&] { return s.server.counters().connections_evicted == 2; },
                                 "evictions");
    co_await s.stop();
  });
}

TEST_CASE("P6: without descriptors an idle connection gives way to a probe", "[http]") {
  http::server_settings settings;
  settings.accept_pause = 1h;
  with_server(
      [](running_server& s) -> awaitable<void> {
        raw_tcp idle(co_await async::asio::this_coro::executor);
        co_await idle.connect(s.port);
        co_await testing::poll_until([&] { return s.server.counters().connections_open == 1; },
                                     "idle");
        raw_tcp client(co_await async::asio::this_coro::executor,
                       testing::connect_to_loopback(s.port));
        const int lowest_free = ::dup(STDERR_FILENO);
        ::close(lowest_free);
        rlimit before{};
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
        rlimit none = before;
        none.rlim_cur = static_cast<rlim_t>(lowest_free);
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
        co_await client.send(probe);
        const std::string got = co_await client.read_to_end();
        ::setrlimit(RLIMIT_NOFILE, &before);
        CHECK(body_of(got) == "path=/readyz\n");
        CHECK(s.server.counters().connections_evicted == 1);
      },
      settings);
}

TEST_CASE("P6: without descriptors accept backs off, and serves once there are some", "[http]") {
  http::server_settings settings;
  settings.accept_pause = 20ms;
  with_server(
      [](running_server& s) -> awaitable<void> {
        const int fd = testing::connect_to_loopback(s.port);
        const int lowest_free = ::dup(fd);
        ::close(lowest_free);
        rlimit before{};
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
        rlimit none = before;
        none.rlim_cur = static_cast<rlim_t>(lowest_free);
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
        const auto start = base::steady::now();
        co_await testing::poll_until([&] { return s.server.counters().accept_failures >= 4; },
                                     "accept failures");
        const auto elapsed = base::steady::now() - start;
        ::setrlimit(RLIMIT_NOFILE, &before);
        CHECK(elapsed >= 60ms);
        raw_tcp client(co_await async::asio::this_coro::executor, fd);
        co_await client.send(probe);
        const std::string got = co_await client.read_to_end();
        CHECK(body_of(got) == "path=/readyz\n");
      },
      settings);
}

TEST_CASE("a handler that throws is answered 500 and told to the owner", "[http]") {
  with_server([](running_server& s) -> awaitable<void> {
    const std::string got = co_await exchange_raw(s.port, "GET /bug HTTP/1.0\r\n\r\n");
    CHECK(got.starts_with("HTTP/1.1 500 "));
    CHECK(s.bugs == 1);
    const std::string after = co_await exchange_raw(s.port, probe);
    CHECK(after.starts_with("HTTP/1.1 200 "));
  });
}

TEST_CASE("stop ends the server while a request is being answered", "[http]") {
  with_server([](running_server& s) -> awaitable<void> {
    raw_tcp client(co_await async::asio::this_coro::executor);
    co_await client.connect(s.port);
    co_await client.send("GET /slow HTTP/1.1\r\n\r\n");
    co_await testing::poll_until([&] { return s.server.counters().connections_open == 1; },
                                 "connection");
  });
}

TEST_CASE("cancelling run closes everything as well", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    running_server s(executor, http::server_settings());
    raw_tcp client(executor);
    co_await client.connect(s.port);
    co_await testing::poll_until([&] { return s.server.counters().connections_open == 1; },
                                 "connection");
    s.tasks.cancel();
    co_await s.tasks.join();
    CHECK(s.server.counters().connections_open == 0);
  });
}
