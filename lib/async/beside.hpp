#pragma once

#include "async/awaitable.hpp"
#include "async/task_group.hpp"

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace warren::async {

// Runs `work` while `task` goes on, and gives its result. The task has ended when this ends, also
// when `work` throws or the caller is cancelled, so that nothing it uses goes before it. What
// `work` threw is thrown, else what the task broke with; a task that ends early stops nothing.
template <class T>
awaitable<T> beside(std::string name, awaitable<void> task, awaitable<T> work) {
  std::exception_ptr broken;
  task_group tasks(co_await asio::this_coro::executor,
                   [&](std::string_view, const std::exception_ptr& e) { broken = e; });
  tasks.spawn(std::move(name), std::move(task));
  std::optional<T> done;
  std::exception_ptr stopped;
  try {
    done.emplace(co_await std::move(work));
  } catch (...) {
    stopped = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  tasks.cancel();
  co_await tasks.join();
  co_await asio::this_coro::throw_if_cancelled(true);
  if (stopped) std::rethrow_exception(stopped);
  if (broken) std::rethrow_exception(broken);
  co_return std::move(*done);
}

}  // namespace warren::async
