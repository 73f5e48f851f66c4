#include "async/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace warren::async {
namespace {

bool is_cancellation(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

task_group::task_group(const asio::any_io_executor& executor, failure_handler on_failure)
    : executor_(executor),
      idle_(executor, base::time_point::max()),
      on_failure_(std::move(on_failure)) {}

void task_group::spawn(std::string name, awaitable<void> task) {
  const auto signal = signals_.emplace(signals_.end());
  auto ended = [this, signal, name = std::move(name)](const std::exception_ptr& error) {
    // The signal must outlive the slot's handler, so it is erased from a fresh stack frame.
    asio::post(executor_, [this, signal] {
      signals_.erase(signal);
      if (signals_.empty()) idle_.cancel();
    });
    if (error && !is_cancellation(error)) on_failure_(name, error);
  };
  asio::co_spawn(executor_, std::move(task),
                 asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
}

void task_group::cancel() {
  for (asio::cancellation_signal& signal : signals_) signal.emit(asio::cancellation_type::terminal);
}

awaitable<void> task_group::join() {
  while (!signals_.empty()) {
    idle_.expires_at(base::time_point::max());
    auto [ec] = co_await idle_.async_wait(as_tuple);
    (void)ec;
  }
}

}  // namespace warren::async
