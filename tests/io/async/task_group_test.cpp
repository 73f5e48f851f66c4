#include "async/task_group.hpp"

#include "async/as_result.hpp"
#include "async/with_deadline.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_coroutine.hpp"

#include <stdexcept>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;

namespace {

awaitable<void> forever() {
  for (;;) co_await async::sleep_for(1h);
}
awaitable<void> breaks() {
  co_await async::sleep_for(1ms);
  throw std::logic_error("bug");
}
awaitable<int> slow() {
  co_await async::sleep_for(1h);
  co_return 1;
}

}  // namespace

TEST_CASE("a task group names the task that broke, and cancel ends the others") {
  testing::run_coroutine([]() -> awaitable<void> {
    std::string broken;
    async::task_group tasks(
        co_await async::asio::this_coro::executor,
        [&](std::string_view name, const std::exception_ptr&) { broken = name; });
    tasks.spawn("forever", forever());
    tasks.spawn("breaks", breaks());
    while (broken.empty()) co_await async::sleep_for(1ms);
    CHECK(broken == "breaks");
    tasks.cancel();
    co_await tasks.join();
    CHECK(tasks.size() == 0);
  });
}

TEST_CASE("with_deadline reports a timeout as timed_out") {
  testing::run_coroutine([]() -> awaitable<void> {
    auto late = async::with_deadline(base::steady::now() + 5ms, slow());
    const base::result<int> r = co_await async::as_result(std::move(late));
    REQUIRE(r.has_error());
    CHECK(r.error().code == async::asio::error::timed_out);
  });
}

TEST_CASE("cancellation passes through as_result") {
  testing::run_coroutine([]() -> awaitable<void> {
    int rounds = 0;
    auto retry = [](int& n) -> awaitable<void> {
      for (;;) {
        const auto r = co_await async::as_result(slow());
        (void)r;
        ++n;
      }
    };
    async::task_group tasks(
        co_await async::asio::this_coro::executor,
        [](std::string_view, const std::exception_ptr&) { FAIL("not a failure"); });
    tasks.spawn("retry", retry(rounds));
    co_await async::sleep_for(2ms);
    tasks.cancel();
    co_await tasks.join();
    CHECK(rounds == 0);
  });
}
