#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <type_traits>
#include <utility>

namespace warren::async {

// Turns a thrown system_error into a failure. Cancellation of the calling coroutine passes through
// as system_error(operation_aborted): a loop that swallowed it would spin for ever.
template <class T>
awaitable<base::result<T>> as_result(awaitable<T> op) {
  base::error_code code;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(op);
      co_return base::result<void>{};
    } else {
      // In place, for T may be a result itself: converting would flatten it.
      co_return base::result<T>(boost::system::in_place_value, co_await std::move(op));
    }
  } catch (const boost::system::system_error& e) {
    code = e.code();
  }
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  co_return base::result<T>(boost::system::in_place_error, code);
}

}  // namespace warren::async
