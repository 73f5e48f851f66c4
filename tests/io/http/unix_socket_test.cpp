// The client and the server of HTTP over a Unix socket.
#include "async/task_group.hpp"
#include "http/client.hpp"
#include "http/errc.hpp"
#include "http/server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scratch_folder.hpp"

#include <boost/asio/local/stream_protocol.hpp>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using local = async::asio::local::stream_protocol;

namespace {

awaitable<http::reply> echo(const http::request& asked) {
  http::reply r;
  r.body = std::string(http::to_string(asked.verb)) + " " + asked.path;
  if (asked.path == "/only-get") {
    r.status = 405;
    r.allow = "GET";
  }
  co_return r;
}

awaitable<base::result<http::response>> ask(std::string path, http::method verb,
                                            std::string target) {
  http::client client(co_await async::asio::this_coro::executor, {.unix_socket = path});
  http::outgoing request;
  request.verb = verb;
  request.target = std::move(target);
  request.body = "ignored";
  co_return co_await client.exchange(std::move(request), base::steady::now() + 3s);
}

}  // namespace

TEST_CASE("GET and POST go over a Unix socket", "[http]") {
  const testing::scratch_folder folder;
  const std::string path = folder.file("http.sock");
  testing::run_coroutine([&]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    async::task_group tasks(executor, [](auto, const std::exception_ptr&) { FAIL("it broke"); });
    http::server_settings settings;
    settings.limits.post = true;
    http::server server(executor, echo, settings);
    local::acceptor listener(executor, local::endpoint(path));
    server.add_listener(listener.release());
    tasks.spawn("server", server.run());

    auto got = co_await ask(path, http::method::get, "/a");
    REQUIRE(got.has_value());
    CHECK(got->status == 200);
    CHECK(got->body == "GET /a");
    got = co_await ask(path, http::method::post, "/b");
    REQUIRE(got.has_value());
    CHECK(got->body == "POST /b");
    got = co_await ask(path, http::method::post, "/only-get");
    REQUIRE(got.has_value());
    CHECK(got->status == 405);
    got = co_await ask(path, http::method::put, "/b");
    REQUIRE(got.has_value());
    CHECK(got->status == 405);

    server.stop();
    co_await tasks.join();
    got = co_await ask(path, http::method::get, "/a");
    REQUIRE(got.has_error());
    CHECK(got.error().code == http::errc::connection_refused);
    CHECK(got.error().text().find(path) != std::string::npos);
  });
}

TEST_CASE("a Unix socket that is not there, or whose path is too long, is a failure with its name",
          "[http]") {
  const testing::scratch_folder folder;
  for (const std::string& path : {folder.file("none.sock"), "/" + std::string(200, 'x')}) {
    testing::run_coroutine([&]() -> awaitable<void> {
      const auto got = co_await ask(path, http::method::get, "/");
      REQUIRE(got.has_error());
      CHECK(got.error().code == http::errc::connect_failed);
      CHECK(got.error().text().find(path) != std::string::npos);
    });
  }
}
