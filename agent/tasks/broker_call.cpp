#include "agent/tasks/broker_call.hpp"

#include "async/task_group.hpp"

#include <exception>
#include <utility>

namespace warren::agent {
namespace {

// Bytes: all quorum queues of a cluster are told in one answer.
constexpr std::size_t largest_frame = std::size_t{64} << 20;

async::awaitable<void> keep(erldist::connection& link) {
  co_await link.run();
}

}  // namespace

async::awaitable<base::result<void>> with_broker(erldist::connect_target target,
                                                 erldist::connect_limits limits, broker_work work) {
  erldist::connection_settings settings;
  settings.largest_frame = largest_frame;
  auto link = co_await erldist::connect(std::move(target), limits, settings);
  if (!link) co_return link.error();
  std::exception_ptr broken;
  async::task_group tasks(co_await async::asio::this_coro::executor,
                          [&](std::string_view, const std::exception_ptr& e) { broken = e; });
  tasks.spawn("keep the connection", keep(**link));
  base::result<void> done;
  std::exception_ptr stopped;
  try {
    done = co_await work(**link);
  } catch (...) {
    stopped = std::current_exception();
  }
  // The task uses the connection: it must have ended before that goes, also on the way out.
  co_await async::asio::this_coro::throw_if_cancelled(false);
  tasks.cancel();
  co_await tasks.join();
  co_await async::asio::this_coro::throw_if_cancelled(true);
  if (stopped) std::rethrow_exception(stopped);
  if (broken) std::rethrow_exception(broken);
  co_return done;
}

}  // namespace warren::agent
