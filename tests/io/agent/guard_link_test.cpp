#include "agent/guard_link.hpp"

#include "agent/carried_state.hpp"
#include "async/task_group.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_coroutine.hpp"

#include <array>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;

namespace {

struct link_pair {
  base::descriptor guard;
  base::descriptor worker;
};

link_pair make_link() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::runtime_error("socketpair");
  }
  return {base::descriptor(ends[0]), base::descriptor(ends[1])};
}

// Everything that has arrived at the guard's end.
std::vector<std::string> received(const base::descriptor& guard) {
  std::vector<std::string> messages;
  std::vector<char> buffer(2 * agent::max_carried_state);
  for (;;) {
    const ssize_t n = ::recv(guard.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n <= 0) return messages;
    messages.emplace_back(buffer.data(), static_cast<std::size_t>(n));
  }
}

void no_failure(std::string_view, const std::exception_ptr&) {
  FAIL("a task broke");
}

}  // namespace

TEST_CASE("the worker's heart beats at once and then at each interval") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    link_pair ends = make_link();
    agent::guard_link link(executor, std::move(ends.worker), 20ms);
    async::task_group tasks(executor, no_failure);
    std::size_t beats = 0;
    tasks.spawn("beat", link.beat());
    const auto began = base::steady::now();
    co_await testing::poll_until([&] { return (beats += received(ends.guard).size()) >= 5; },
                                 "five heartbeats");
    CHECK(base::steady::now() - began >= 60ms);  // beats are aligned: the first may be short
    CHECK(link.loop_lag() < 1s);
    tasks.cancel();
    co_await tasks.join();
  });
}

TEST_CASE("a blocked event loop sends no heartbeat and shows its lag") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    link_pair ends = make_link();
    agent::guard_link link(executor, std::move(ends.worker), 10ms);
    async::task_group tasks(executor, no_failure);
    tasks.spawn("beat", link.beat());
    co_await testing::poll_until([&] { return !received(ends.guard).empty(); }, "a heartbeat");
    const auto until = base::steady::now() + 100ms;
    while (base::steady::now() < until) std::this_thread::yield();
    CHECK(received(ends.guard).empty());
    co_await testing::poll_until([&] { return !received(ends.guard).empty(); }, "a heartbeat");
    CHECK(link.loop_lag() >= 80ms);
    tasks.cancel();
    co_await tasks.join();
  });
}

TEST_CASE("state is sent when it changed, and never more than the guard takes") {
  testing::run_coroutine([]() -> awaitable<void> {
    link_pair ends = make_link();
    agent::guard_link link(co_await async::asio::this_coro::executor, std::move(ends.worker));
    link.carry("one");
    link.carry("one");
    link.carry("two");
    link.carry(std::string(agent::max_carried_state + 1, 'x'));
    CHECK(received(ends.guard) == std::vector<std::string>{"Sone", "Stwo"});
    const std::string most(agent::max_carried_state, 'x');
    link.carry(most);
    CHECK(received(ends.guard) == std::vector<std::string>{"S" + most});
  });
}

TEST_CASE("state that the stopped guard had no room for is sent when it has") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    link_pair ends = make_link();
    agent::guard_link link(executor, std::move(ends.worker), 5ms);
    const std::string padding(agent::max_carried_state - 8, 'x');
    for (int n = 0; n < 100; ++n) link.carry(std::to_string(n) + padding);
    const std::vector<std::string> before = received(ends.guard);
    REQUIRE(before.size() < 100);
    async::task_group tasks(executor, no_failure);
    tasks.spawn("beat", link.beat());
    std::vector<std::string> after;
    co_await testing::poll_until(
        [&] {
          for (std::string& message : received(ends.guard)) after.push_back(std::move(message));
          return after.size() >= 2;
        },
        "the state");
    CHECK(after[0] == "H");
    CHECK(after[1] == "S99" + padding);
    tasks.cancel();
    co_await tasks.join();
  });
}

TEST_CASE("the end of the guard is noticed at once") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    link_pair ends = make_link();
    agent::guard_link link(executor, std::move(ends.worker));
    async::task_group tasks(executor, no_failure);
    tasks.spawn("watch", link.watch_guard());
    co_await testing::let_others_run();
    CHECK(tasks.size() == 1);
    ends.guard = {};
    co_await tasks.join();
  });
}

TEST_CASE("the wait for the guard's end can be cancelled") {
  testing::run_coroutine([]() -> awaitable<void> {
    const auto executor = co_await async::asio::this_coro::executor;
    link_pair ends = make_link();
    agent::guard_link link(executor, std::move(ends.worker));
    async::task_group tasks(executor, no_failure);
    tasks.spawn("watch", link.watch_guard());
    co_await testing::let_others_run();
    CHECK(tasks.size() == 1);
    tasks.cancel();
    co_await tasks.join();
  });
}
