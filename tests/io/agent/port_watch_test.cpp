#include "agent/tasks/port_watch.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cerrno>
#include <sys/resource.h>
#include <sys/socket.h>
#include <utility>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using tcp = async::asio::ip::tcp;

namespace {

domain::listener on(std::string address, std::uint16_t port) {
  return {"amqp", std::move(address), port};
}

base::result<std::vector<domain::port_view>> connect(std::vector<domain::listener> listeners) {
  base::result<std::vector<domain::port_view>> views;
  testing::run_coroutine([&]() -> awaitable<void> {
    views = co_await agent::connect_to_all(std::move(listeners), base::steady::now() + 200ms);
  });
  return views;
}

}  // namespace

TEST_CASE("listeners that accept, refuse, and take nothing more", "[ports]") {
  async::asio::io_context context;
  const auto local = async::asio::ip::address_v4::loopback();
  tcp::acceptor open(context, tcp::endpoint(local, 0));
  tcp::acceptor closed(context, tcp::endpoint(local, 0));
  const std::uint16_t closed_port = closed.local_endpoint().port();
  closed.close();
  // A queue of length 0 that is full: the kernel drops what else comes.
  tcp::acceptor full(context, tcp::v4());
  full.bind(tcp::endpoint(local, 0));
  full.listen(0);
  std::vector<tcp::socket> queued;
  for (int i = 0; i < 4; ++i) {
    queued.emplace_back(context, tcp::v4());
    queued.back().native_non_blocking(true);
    // Asio's own connect would wait for the end of it.
    const tcp::endpoint to = full.local_endpoint();
    const int begun =
        ::connect(queued.back().native_handle(), to.data(), static_cast<socklen_t>(to.size()));
    CHECK((begun == 0 || errno == EINPROGRESS));
  }
  const auto views =
      connect({on("0.0.0.0", open.local_endpoint().port()), on("127.0.0.1", closed_port),
               on("127.0.0.1", full.local_endpoint().port())});
  REQUIRE(views.has_value());
  CHECK(views->at(0).accepts);
  CHECK(views->at(0).problem.empty());
  CHECK(views->at(1).problem == "refuses connections");
  CHECK(views->at(2).problem == "does not accept connections in time");
}

TEST_CASE("a listener on every address is tried over both families", "[ports]") {
  async::asio::io_context context;
  tcp::acceptor only4(context, tcp::endpoint(async::asio::ip::address_v4::loopback(), 0));
  CHECK(connect({on("::", only4.local_endpoint().port())})->front().accepts);
}

TEST_CASE("an address without a way to it is no verdict on the listener", "[ports]") {
  CHECK(connect({on("fe80::1", 5672)})->front().accepts);
  CHECK(connect({on("no address", 5672)})->front().accepts);
}

TEST_CASE("P6: without descriptors the look fails, and no listener is blamed", "[ports]") {
  async::asio::io_context context;
  tcp::acceptor open(context, tcp::endpoint(async::asio::ip::address_v4::loopback(), 0));
  base::result<std::vector<domain::port_view>> views;
  testing::run_coroutine([&]() -> awaitable<void> {
    co_await async::sleep_for(1ms);  // the event loop has its own descriptors from here on
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int next = ::dup(0);
    ::close(next);
    const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
    std::vector<domain::listener> listeners{on("127.0.0.1", open.local_endpoint().port())};
    ::setrlimit(RLIMIT_NOFILE, &none);
    views = co_await agent::connect_to_all(std::move(listeners), base::steady::now() + 200ms);
    ::setrlimit(RLIMIT_NOFILE, &before);
  });
  REQUIRE(views.has_error());
  CHECK(views.error().code == boost::system::errc::too_many_files_open);
}
