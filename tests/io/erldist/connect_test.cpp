#include "erldist/connect.hpp"

#include "async/task_group.hpp"
#include "erldist/epmd.hpp"
#include "erldist/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_epmd.hpp"
#include "tests/support/fake_erlang_node.hpp"
#include "tests/support/run_coroutine.hpp"

#include <utility>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using erldist::errc;
using testing::fake_epmd;
using testing::fake_erlang_node;
using testing::handshake_fault;
namespace ip = async::asio::ip;

namespace {

const erldist::connect_limits patient{.epmd = 5s, .connect = 5s, .handshake = 5s};
const erldist::connect_limits no_time_for_epmd{.epmd = 20ms, .connect = 5s, .handshake = 5s};
const erldist::connect_limits no_time_for_hands{.epmd = 5s, .connect = 5s, .handshake = 20ms};

// A node that EPMD knows, and how to dial it.
struct network {
  explicit network(const async::asio::any_io_executor& executor) : epmd(executor), node(executor) {
    epmd.add("rabbit", node.port());
    target.addresses = {ip::address_v4::loopback()};
    target.epmd_port = epmd.port();
    target.node = "rabbit@fake";
    target.own_name = "warren-rmq-0@fake";
    target.cookie = base::secret("monster");
    target.creation = 7;
  }
  awaitable<base::error_code> attempt(erldist::connect_limits limits = patient) {
    const auto connected = co_await erldist::connect(target, limits, {});
    if (!connected) {
      CHECK(connected.error().text().find("monster") == std::string::npos);
      co_return connected.error().code;
    }
    co_return base::error_code{};
  }

  fake_epmd epmd;
  fake_erlang_node node;
  erldist::connect_target target;
};

void with_network(std::function<awaitable<void>(network&)> body) {
  testing::run_coroutine([&]() -> awaitable<void> {
    network net(co_await async::asio::this_coro::executor);
    co_await body(net);
  });
}

}  // namespace

TEST_CASE("a node is found by EPMD and connected", "[erldist]") {
  with_network([](network& net) -> awaitable<void> {
    net.node.settings().creation = 4711;
    const auto connected = co_await erldist::connect(net.target, patient, {});
    REQUIRE(connected.has_value());
    CHECK((*connected)->peer().name == "rabbit@fake");
    CHECK((*connected)->creation() == 4711);
    CHECK((*connected)->peer().flags == testing::broker_flags);
    CHECK((*connected)->address() == ip::address(ip::address_v4::loopback()));
    co_await testing::poll_until([&] { return net.node.connections() == 1; }, "connected");
  });
}

TEST_CASE("EPMD that is away, silent or something else has an error of its own", "[erldist]") {
  with_network([](network& net) -> awaitable<void> {
    net.epmd.behave(fake_epmd::behaviour::silent);
    CHECK(co_await net.attempt(no_time_for_epmd) == errc::epmd_timeout);
    net.epmd.behave(fake_epmd::behaviour::closes);
    CHECK(co_await net.attempt() == errc::epmd_closed);
    net.epmd.behave(fake_epmd::behaviour::speaks_http);
    CHECK(co_await net.attempt() == errc::epmd_protocol);
    net.epmd.stop();
    CHECK(co_await net.attempt() == errc::epmd_refused);
  });
}

TEST_CASE("a node that EPMD does not know is not registered", "[erldist]") {
  with_network([](network& net) -> awaitable<void> {
    net.epmd.remove("rabbit");
    CHECK(co_await net.attempt() == errc::node_not_registered);
    CHECK(net.node.handshakes() == 0);
  });
}

TEST_CASE("a node whose port refuses is told from one that accepts and is silent", "[erldist]") {
  with_network([](network& net) -> awaitable<void> {
    net.node.hang();
    CHECK(co_await net.attempt(no_time_for_hands) == errc::handshake_timeout);
    net.node.hang(false);
    net.node.stop();
    CHECK(co_await net.attempt() == errc::connect_refused);
    net.node.start();
    CHECK(co_await net.attempt() == base::error_code{});
  });
}

TEST_CASE("a node that stops at any step of the handshake times out", "[erldist]") {
  const auto fault = GENERATE(handshake_fault::silent, handshake_fault::silent_after_status,
                              handshake_fault::silent_after_reply);
  with_network([fault](network& net) -> awaitable<void> {
    net.node.settings().fault = fault;
    CHECK(co_await net.attempt(no_time_for_hands) == errc::handshake_timeout);
    co_await testing::poll_until([&] { return net.node.connections() == 0; }, "closed");
  });
}

TEST_CASE("a handshake that is cancelled is no verdict on the node", "[erldist]") {
  const auto fault = GENERATE(handshake_fault::silent, handshake_fault::silent_after_status,
                              handshake_fault::silent_after_reply);
  with_network([fault](network& net) -> awaitable<void> {
    net.node.settings().fault = fault;
    async::task_group tasks(co_await async::asio::this_coro::executor,
                            [](std::string_view, const std::exception_ptr&) { FAIL("broke"); });
    bool has_verdict = false;
    auto attempt = [](network& dialled, bool& verdict) -> awaitable<void> {
      co_await dialled.attempt();
      verdict = true;
    };
    tasks.spawn("attempt", attempt(net, has_verdict));
    co_await testing::poll_until([&] { return net.node.silences() == 1; }, "the fault");
    tasks.cancel();
    co_await tasks.join();
    CHECK_FALSE(has_verdict);
  });
}

TEST_CASE("a handshake that goes wrong has the error of what went wrong", "[erldist]") {
  with_network([](network& net) -> awaitable<void> {
    auto& node = net.node.settings();
    const auto good = node;
    node.fault = handshake_fault::closes;
    CHECK(co_await net.attempt() == errc::handshake_closed);
    node.fault = handshake_fault::closes_after_status;
    CHECK(co_await net.attempt() == errc::handshake_closed);
    node.fault = handshake_fault::speaks_tls;
    CHECK(co_await net.attempt() == errc::tls_expected);
    node.fault = handshake_fault::wrong_digest;
    CHECK(co_await net.attempt() == errc::peer_digest_wrong);
    node = good;
    node.cookie = base::secret("another");
    CHECK(co_await net.attempt() == errc::cookie_rejected);
    node = good;
    node.name = "hare@fake";
    CHECK(co_await net.attempt() == errc::name_differs);
    node = good;
    node.flags = 0;
    CHECK(co_await net.attempt() == errc::unsupported_peer);
    node = good;
    for (const auto& [status, code] :
         {std::pair{"nok", errc::status_nok}, std::pair{"not_allowed", errc::not_allowed},
          std::pair{"alive", errc::alive}}) {
      node.status = status;
      CHECK(co_await net.attempt() == code);
    }
  });
}

TEST_CASE("several addresses are tried in their order", "[erldist]") {
  with_network([](network& net) -> awaitable<void> {
    net.target.addresses = {ip::make_address("127.0.0.2"), ip::address_v4::loopback()};
    CHECK(co_await net.attempt() == base::error_code{});
    net.target.addresses = {ip::address_v4::loopback(), ip::make_address("127.0.0.2")};
    net.node.hang();
    CHECK(co_await net.attempt(no_time_for_hands) == errc::handshake_timeout);
    net.node.hang(false);
    net.node.settings().name = "hare@fake";
    CHECK(co_await net.attempt() == errc::name_differs);
    net.target.addresses.clear();
    CHECK(co_await net.attempt() == errc::no_address);
  });
}

TEST_CASE("a node is reached over IPv6", "[erldist]") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    const ip::address loopback = ip::address_v6::loopback();
    fake_epmd epmd(executor, loopback);
    fake_erlang_node node(executor, {}, loopback);
    epmd.add("rabbit", node.port());
    erldist::connect_target target{.addresses = {loopback},
                                   .epmd_port = epmd.port(),
                                   .node = "rabbit@fake",
                                   .own_name = "warren@fake",
                                   .cookie = base::secret("monster")};
    const auto connected = co_await erldist::connect(std::move(target), patient, {});
    CHECK(connected.has_value());
  });
}

TEST_CASE("a name that is no node name is refused before anything is dialled", "[erldist]") {
  with_network([](network& net) -> awaitable<void> {
    net.target.own_name = "warren";
    CHECK(co_await net.attempt() == errc::bad_node_name);
    net.target.own_name = "warren@fake";
    net.target.node = "rabbit";
    CHECK(co_await net.attempt() == errc::bad_node_name);
    CHECK(net.epmd.requests() == 0);
  });
}
