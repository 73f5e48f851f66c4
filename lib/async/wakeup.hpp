#pragma once

#include "async/awaitable.hpp"

#include <boost/system/system_error.hpp>

#include <utility>

namespace warren::async {

// Latching wake-up for one waiter: a notify() before the wait is not lost, several are one.
class wakeup {
 public:
  explicit wakeup(const asio::any_io_executor& executor)
      : timer_(executor, base::time_point::max()) {}

  void notify() {
    pending_ = true;
    timer_.cancel();
  }

  // True if notified, false if `when` came first. Throws system_error(operation_aborted) on
  // cancellation.
  awaitable<bool> wait_until(base::time_point when) {
    if (!pending_) {
      timer_.expires_at(when);
      auto [ec] = co_await timer_.async_wait(as_tuple);
      if (ec && !pending_) throw boost::system::system_error(ec);
    }
    co_return std::exchange(pending_, false);
  }
  awaitable<bool> wait_for(base::duration at_most) {
    return wait_until(base::steady::now() + at_most);
  }

 private:
  asio::steady_timer timer_;
  bool pending_ = false;
};

}  // namespace warren::async
