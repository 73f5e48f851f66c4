#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <string>
#include <string_view>

namespace warren::async {

// The owner of background coroutines. Each has a name; one that ends with an exception other than
// its cancellation is reported to on_failure. Cancel and join before the group is destroyed:
// it must outlive its tasks. Single-threaded.
class task_group {
 public:
  using failure_handler = std::function<void(std::string_view name, std::exception_ptr error)>;

  task_group(const asio::any_io_executor& executor, failure_handler on_failure);
  task_group(const task_group&) = delete;
  task_group& operator=(const task_group&) = delete;

  void spawn(std::string name, awaitable<void> task);
  // Asks every task to end (terminal cancellation); returns at once.
  void cancel();
  // Ends when no task is left.
  awaitable<void> join();
  [[nodiscard]] std::size_t size() const { return signals_.size(); }

 private:
  asio::any_io_executor executor_;
  asio::steady_timer idle_;
  failure_handler on_failure_;
  std::list<asio::cancellation_signal> signals_;
};

}  // namespace warren::async
