#include "http/client.hpp"

#include "http/errc.hpp"
#include "tests/support/canned_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/run_coroutine.hpp"

#include <nlohmann/json.hpp>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using http::errc;
using testing::fake_kube_api;

namespace {

const std::string list_target = "/api/v1/namespaces/default/endpoints";

http::outgoing get(std::string target = list_target) {
  http::outgoing request;
  request.target = std::move(target);
  return request;
}

http::origin plain(std::uint16_t port, std::string host = "127.0.0.1") {
  return {.tls = false, .host = std::move(host), .port = port};
}

http::origin secure(std::uint16_t port, std::string host = "127.0.0.1") {
  return {.tls = true, .host = std::move(host), .port = port};
}

base::time_point soon(base::duration d = 3s) {
  return base::steady::now() + d;
}

// What a client makes of an answer that comes as it is.
base::result<http::response> answer_to(const std::string& bytes,
                                       http::client_settings settings = {}) {
  base::result<http::response> out = base::failure(errc::read_failed);
  testing::run_coroutine([&]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    testing::canned_server server(executor, {bytes});
    http::client client(executor, plain(server.port()), settings);
    out = co_await client.exchange(get(), soon());
    co_await server.stop();
  });
  return out;
}

// What a client that trusts `trusted` makes of a server with `shown` at `host`.
base::result<http::response> answer_over_tls(const testing::test_authority& trusted,
                                             const testing::certificate& shown,
                                             const std::string& host) {
  base::result<http::response> out = base::failure(errc::read_failed);
  testing::run_coroutine([&]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    testing::fake_kube_settings settings;
    settings.tls = shown;
    fake_kube_api server(executor, settings);
    http::client client(executor, secure(server.port(), host));
    client.set_trust(http::trust::from_pem(trusted.certificate_pem()).value());
    out = co_await client.exchange(get(), soon());
  });
  return out;
}

}  // namespace

TEST_CASE("exchanges go over one kept connection", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    fake_kube_api server(executor);
    http::client client(executor, plain(server.port()));
    for (int i = 0; i < 3; ++i) {
      const auto got = co_await client.exchange(get(), soon());
      REQUIRE(got.has_value());
      CHECK(got->status == 200);
    }
    CHECK(server.connections_accepted() == 1);
  });
}

TEST_CASE("a kept connection that has died is replaced, for GET and for POST", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    fake_kube_api server(executor);
    http::client client(executor, plain(server.port()));
    http::outgoing post = get("/apis/coordination.k8s.io/v1/namespaces/default/leases");
    post.verb = http::method::post;
    for (http::outgoing request : {get(), get(), post}) {
      const auto got = co_await client.exchange(request, soon());
      REQUIRE(got.has_value());
      server.drop_connections();
      co_await testing::poll_until([&] { return server.connections_open() == 0; }, "drop");
    }
    CHECK(server.connections_accepted() == 3);
  });
}

TEST_CASE("an IPv6 address in brackets is reached", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    testing::canned_server server(executor, {"HTTP/1.1 204 No Content\r\n\r\n"}, true);
    http::client client(executor, plain(server.port(), "[::1]"));
    CHECK(client.name() == "[::1]:" + std::to_string(server.port()));
    const auto got = co_await client.exchange(get(), soon());
    REQUIRE(got.has_value());
    CHECK(got->status == 204);
    co_await server.stop();
  });
}

TEST_CASE("a name is resolved, and its certificate verified against the name", "[http]") {
  const testing::test_authority authority;
  const auto got = answer_over_tls(authority, authority.issue(), "localhost");
  REQUIRE(got.has_value());
  CHECK(got->status == 200);
}

TEST_CASE("K1: a refused connection is told as such", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    fake_kube_api server(executor);
    server.go_away();
    http::client client(executor, plain(server.port()));
    const auto got = co_await client.exchange(get(), soon());
    REQUIRE(got.has_error());
    CHECK(got.error().code == errc::connection_refused);
    CHECK(got.error().detail == client.name());
  });
}

TEST_CASE("K2: silence in the TLS handshake ends at the deadline", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    const testing::test_authority authority;
    testing::fake_kube_settings settings;
    settings.tls = authority.issue();
    fake_kube_api server(executor, settings);
    server.silence_handshake();
    http::client client(executor, secure(server.port()));
    client.set_trust(http::trust::from_pem(authority.certificate_pem()).value());
    const auto got = co_await client.exchange(get(), soon(50ms));
    REQUIRE(got.has_error());
    CHECK(got.error().code == errc::tls_handshake_timeout);
  });
}

TEST_CASE("K3: a header that drips without end ends at the deadline", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    fake_kube_api server(executor);
    server.drip_header(2ms);
    http::client client(executor, plain(server.port()));
    const auto start = base::steady::now();
    const auto got = co_await client.exchange(get(), soon(60ms));
    REQUIRE(got.has_error());
    CHECK(got.error().code == errc::read_header_timeout);
    CHECK(base::steady::now() - start < 1s);
  });
}

TEST_CASE("K21: certificates of another host, of yesterday or of another authority are refused",
          "[http]") {
  const testing::test_authority authority;
  const testing::test_authority stranger;
  testing::certificate_request elsewhere;
  elsewhere.names = {"elsewhere"};
  elsewhere.addresses = {"192.0.2.1"};
  testing::certificate_request expired;
  expired.valid_for = -1h;
  struct row {
    const char* what;
    testing::certificate shown;
    std::string host;
    const char* reason;
  };
  const row table[] = {
      {"wrong address", authority.issue(elsewhere), "127.0.0.1", "IP address mismatch"},
      {"wrong name", authority.issue(elsewhere), "localhost", "hostname mismatch"},
      {"expired", authority.issue(expired), "127.0.0.1", "certificate has expired"},
      {"stranger", stranger.issue(), "127.0.0.1", "local issuer certificate"},
  };
  for (const row& r : table) {
    CAPTURE(r.what);
    const auto got = answer_over_tls(authority, r.shown, r.host);
    REQUIRE(got.has_error());
    CHECK(got.error().code == errc::certificate_rejected);
    CHECK(got.error().detail.find(r.reason) != std::string::npos);
  }
}

TEST_CASE("a text without a certificate is no trust, and without trust there is no TLS", "[http]") {
  CHECK(http::trust::from_pem("").error().code == errc::no_trusted_certificate);
  CHECK(http::trust::from_pem("-----BEGIN CERTIFICATE-----\nnonsense\n").error().code ==
        errc::no_trusted_certificate);
  testing::run_coroutine([]() -> awaitable<void> {
    http::client client(co_await async::asio::this_coro::executor, secure(1));
    const auto got = co_await client.exchange(get(), soon());
    CHECK(got.error().code == errc::no_trusted_certificate);
  });
}

TEST_CASE("the headers that matter are kept", "[http]") {
  const auto got = answer_to(
      "HTTP/1.1 429 Slow Down\r\nContent-Type: text/plain\r\nRetry-After: 7\r\n"
      "Warning: 299 - \"v1 Endpoints is deprecated\"\r\nContent-Length: 2\r\n\r\nno");
  REQUIRE(got.has_value());
  CHECK(got->status == 429);
  CHECK(got->retry_after == 7s);
  CHECK(got->content_type == "text/plain");
  REQUIRE(got->warnings.size() == 1);
  CHECK(got->body == "no");
}

TEST_CASE("a body without a length ends with the connection", "[http]") {
  const auto got = answer_to("HTTP/1.0 200 OK\r\n\r\nwhole");
  REQUIRE(got.has_value());
  CHECK(got->body == "whole");
}

TEST_CASE("each bad answer has its code", "[http]") {
  http::client_settings small;
  small.max_body = 100;
  small.max_header = 1000;
  struct row {
    const char* what;
    std::string bytes;
    errc code;
  };
  const row table[] = {
      {"nothing", "", errc::read_failed},
      {"half a header", "HTTP/1.1 200 OK\r\nConte", errc::read_failed},
      {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", errc::malformed_response},
      {"a cut body", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", errc::body_truncated},
      {"a cut chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
       errc::body_truncated},
      {"K19: a large announced body", "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n",
       errc::body_too_large},
      {"K19: a large body", "HTTP/1.1 200 OK\r\n\r\n" + std::string(200, 'x'),
       errc::body_too_large},
      {"K19: a large header", "HTTP/1.1 200 OK\r\nX: " + std::string(2000, 'x') + "\r\n\r\n",
       errc::header_too_large},
  };
  for (const row& r : table) {
    CAPTURE(r.what);
    const auto got = answer_to(r.bytes, small);
    REQUIRE(got.has_error());
    CHECK(got.error().code == r.code);
  }
}

TEST_CASE("a stream gives a body piece by piece and then its end", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    testing::canned_server server(
        executor, {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n"
                   "0\r\n\r\n"});
    http::client client(executor, plain(server.port()));
    auto stream = co_await client.open_stream(get(), soon());
    REQUIRE(stream.has_value());
    CHECK(stream->header().status == 200);
    std::string body;
    for (bool more = true; more;) {
      const auto piece = co_await stream->read_some(soon());
      REQUIRE(piece.has_value());
      more = piece->has_value();
      if (more) body += **piece;
    }
    CHECK(body == "abcde");
    co_await server.stop();
  });
}

TEST_CASE("K12: a stream cut over TLS is an error, not an end", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    const testing::test_authority authority;
    testing::fake_kube_settings settings;
    settings.tls = authority.issue();
    fake_kube_api server(executor, settings);
    http::client client(executor, secure(server.port()));
    client.set_trust(http::trust::from_pem(authority.certificate_pem()).value());
    auto stream = co_await client.open_stream(get(list_target + "?watch=true"), soon());
    REQUIRE(stream.has_value());
    server.drop_connections();
    const auto piece = co_await stream->read_some(soon());
    REQUIRE(piece.has_error());
    CHECK(piece.error().code == errc::body_truncated);
  });
}

TEST_CASE("a silent stream ends at the deadline", "[http]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    fake_kube_api server(executor);
    http::client client(executor, plain(server.port()));
    auto stream = co_await client.open_stream(get(list_target + "?watch=true"), soon());
    REQUIRE(stream.has_value());
    const auto piece = co_await stream->read_some(soon(30ms));
    REQUIRE(piece.has_error());
    CHECK(piece.error().code == errc::read_body_timeout);
  });
}
