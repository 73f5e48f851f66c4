#include "tests/support/watched_broker.hpp"

#include <utility>

namespace warren::testing {

using namespace std::chrono_literals;

watched_broker::watched_broker(const async::asio::any_io_executor& ex)
    : executor(ex),
      epmd(ex),
      node(ex),
      store({}, {}),
      tasks(ex, [](std::string_view, const std::exception_ptr& e) { std::rethrow_exception(e); }) {
  epmd.add("rabbit", node.port());
  settings.target.addresses = {async::asio::ip::address_v4::loopback()};
  settings.target.epmd_port = epmd.port();
  settings.target.node = "rabbit@fake";
  settings.target.own_name = "warren-rmq-0@fake";
  settings.target.creation = 7;
  settings.cookie = [] { return base::secret("monster"); };
  settings.check_interval = 5ms;
  settings.members_interval = 20ms;
  settings.connect_interval = 50ms;
  settings.connect_timeout = 50ms;
  settings.call_timeout = 100ms;
  settings.limits = {.epmd = 100ms, .connect = 100ms, .handshake = 100ms};
  settings.away_delays = {.first = 2ms, .cap = 5ms};
  settings.mistake_delays = {.first = 2ms, .cap = 5ms};
}

void watched_broker::watch() {
  link = std::make_unique<agent::broker_link>(store, settings);
  tasks.spawn("link", link->run());
}

async::awaitable<void> watched_broker::until(
    std::function<bool(const domain::broker_view&)> condition, std::string what) {
  co_await poll_until([this, &condition] { return condition(seen()); }, std::move(what));
}

async::awaitable<void> watched_broker::until(domain::link_state state) {
  auto reached = [state](const domain::broker_view& b) { return b.link.state == state; };
  co_await until(std::move(reached), "link state " + std::string(domain::name(state)));
}

void with_broker(std::function<async::awaitable<void>(watched_broker&)> body) {
  run_coroutine([&]() -> async::awaitable<void> {
    watched_broker broker(co_await async::asio::this_coro::executor);
    co_await body(broker);
    broker.tasks.cancel();
    co_await broker.tasks.join();
  });
}

}  // namespace warren::testing
