#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace warren::async {

namespace asio = boost::asio;
using asio::awaitable;
using asio::use_awaitable;

// Completion token: `auto [ec, n] = co_await socket.async_read_some(buffer, as_tuple);`
constexpr auto as_tuple = asio::as_tuple(use_awaitable);

// Ends at `when`. Throws system_error(operation_aborted) on cancellation.
inline awaitable<void> sleep_until(base::time_point when) {
  asio::steady_timer timer(co_await asio::this_coro::executor, when);
  co_await timer.async_wait(use_awaitable);
}

inline awaitable<void> sleep_for(base::duration length) {
  co_await sleep_until(base::steady::now() + length);
}

// The next multiple of `interval` on the monotonic clock. Loops that wait for their beats wake
// together, so that an idle process wakes once instead of once for each of them.
inline base::time_point next_beat(base::duration interval) {
  const base::duration now = base::steady::now().time_since_epoch();
  return base::time_point(now - now % interval + interval);
}

}  // namespace warren::async
