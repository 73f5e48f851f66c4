#include "tests/support/run_coroutine.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <stdexcept>
#include <utility>

namespace warren::testing {

void run_coroutine(std::function<async::awaitable<void>()> body,
                   std::chrono::steady_clock::duration limit) {
  boost::asio::io_context context(1);
  bool ended = false;
  std::exception_ptr error;
  boost::asio::co_spawn(context, std::move(body), [&](const std::exception_ptr& e) {
    ended = true;
    error = e;
  });
  const auto last = std::chrono::steady_clock::now() + limit;
  while (!ended && std::chrono::steady_clock::now() < last) {
    context.run_one_until(last);
  }
  if (error) std::rethrow_exception(error);
  if (!ended) throw std::runtime_error("the test's coroutine has not ended within its limit");
  context.run_for(std::chrono::milliseconds(200));
  if (!context.stopped()) throw std::runtime_error("the test has left tasks over");
}

async::awaitable<void> poll_until(std::function<bool()> condition, std::string what,
                                  std::chrono::steady_clock::duration limit) {
  const auto last = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > last) throw std::runtime_error("not in time: " + what);
    co_await async::sleep_for(std::chrono::milliseconds(1));
  }
}

async::awaitable<void> let_others_run() {
  constexpr int turns = 20;  // what runs may make something else ready
  const auto executor = co_await async::asio::this_coro::executor;
  for (int n = 0; n < turns; ++n) co_await boost::asio::post(executor, async::use_awaitable);
}

}  // namespace warren::testing
