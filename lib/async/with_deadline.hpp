#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace warren::async {

namespace detail {
// parallel_group wants default-constructible results; an optional makes any type one.
template <class T>
awaitable<std::optional<T>> boxed(awaitable<T> op) {
  co_return std::optional<T>(co_await std::move(op));
}
}  // namespace detail

// Runs `op` and gives its result or its exception; throws system_error(asio::error::timed_out) if
// it has not finished by `deadline`. A result that arrives in the same tick as the timer is
// dropped, so close the connection after a timeout. Ends only when `op` has reacted to the
// cancellation: never put one that ignores it (name resolution) in here.
template <class T>
awaitable<T> with_deadline(base::time_point deadline, awaitable<T> op) {
  namespace experimental = asio::experimental;
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, deadline);
  if constexpr (std::is_void_v<T>) {
    auto [order, op_error, timer_error] =
        co_await experimental::make_parallel_group(
            asio::co_spawn(executor, std::move(op), asio::deferred),
            timer.async_wait(asio::deferred))
            .async_wait(experimental::wait_for_one(), use_awaitable);
    if (order[0] == 1 && !timer_error) throw boost::system::system_error(asio::error::timed_out);
    if (op_error) std::rethrow_exception(op_error);
  } else {
    auto [order, op_error, value, timer_error] =
        co_await experimental::make_parallel_group(
            asio::co_spawn(executor, detail::boxed(std::move(op)), asio::deferred),
            timer.async_wait(asio::deferred))
            .async_wait(experimental::wait_for_one(), use_awaitable);
    if (order[0] == 1 && !timer_error) throw boost::system::system_error(asio::error::timed_out);
    if (op_error) std::rethrow_exception(op_error);
    co_return std::move(*value);
  }
}

}  // namespace warren::async
