#include "tests/support/test_certificates.hpp"

#include "async/as_result.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_kube_api.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <string>
#include <utility>

using namespace warren;
using namespace warren::testing;
using async::awaitable;
namespace asio = async::asio;

namespace {

// The first line of the answer over TLS, trusting `ca` and expecting `host`. Throws system_error.
awaitable<std::string> status_line(std::uint16_t port, std::string ca, std::string host) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.add_certificate_authority(asio::buffer(ca));
  context.set_verify_mode(asio::ssl::verify_peer);
  context.set_verify_callback(asio::ssl::host_name_verification(host));
  asio::ssl::stream<asio::ip::tcp::socket> stream(co_await asio::this_coro::executor, context);
  const asio::ip::tcp::endpoint to(asio::ip::address_v4::loopback(), port);
  co_await stream.lowest_layer().async_connect(to, async::use_awaitable);
  co_await stream.async_handshake(asio::ssl::stream_base::client, async::use_awaitable);
  const std::string request = "GET /api/v1/namespaces/default/pods HTTP/1.1\r\nHost: t\r\n\r\n";
  co_await asio::async_write(stream, asio::buffer(request), async::use_awaitable);
  std::string line(15, ' ');
  co_await asio::async_read(stream, asio::buffer(line), async::use_awaitable);
  co_return line;
}

}  // namespace

TEST_CASE("a client that trusts the test authority is served over TLS", "[fake_kube]") {
  run_coroutine([]() -> awaitable<void> {
    const test_authority authority;
    fake_kube_settings settings;
    settings.tls = authority.issue();
    fake_kube_api api(co_await asio::this_coro::executor, settings);
    CHECK(api.url() == "https://127.0.0.1:" + std::to_string(api.port()));
    const std::string& ca = authority.certificate_pem();
    const std::string by_address = co_await status_line(api.port(), ca, "127.0.0.1");
    CHECK(by_address == "HTTP/1.1 200 OK");
    const std::string by_name = co_await status_line(api.port(), ca, "localhost");
    CHECK(by_name == "HTTP/1.1 200 OK");
  });
}

TEST_CASE("a wrong authority, host or date is refused by the client", "[fake_kube]") {
  run_coroutine([]() -> awaitable<void> {
    const test_authority authority;
    const test_authority other("another authority");
    fake_kube_settings settings;
    settings.tls = authority.issue();
    fake_kube_api api(co_await asio::this_coro::executor, settings);
    const std::string& ca = authority.certificate_pem();
    auto wrong_authority =
        co_await async::as_result(status_line(api.port(), other.certificate_pem(), "127.0.0.1"));
    CHECK_FALSE(wrong_authority.has_value());
    auto wrong_host = co_await async::as_result(status_line(api.port(), ca, "10.0.0.1"));
    CHECK_FALSE(wrong_host.has_value());
    certificate_request expired;
    expired.valid_for = std::chrono::hours(-1);
    api.set_certificate(authority.issue(expired));
    auto wrong_date = co_await async::as_result(status_line(api.port(), ca, "127.0.0.1"));
    REQUIRE_FALSE(wrong_date.has_value());
    CHECK(wrong_date.error().text().find("certificate verify failed") != std::string::npos);
    api.set_certificate(authority.issue());
    auto right = co_await async::as_result(status_line(api.port(), ca, "127.0.0.1"));
    CHECK(right.has_value());
  });
}
