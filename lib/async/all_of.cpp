#include "async/all_of.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

#include <exception>
#include <utility>

namespace warren::async {

awaitable<void> all_of(std::vector<awaitable<void>> operations) {
  if (operations.empty()) co_return;
  auto executor = co_await asio::this_coro::executor;
  const auto start = [&executor](awaitable<void> op) {
    return asio::co_spawn(executor, std::move(op), asio::deferred);
  };
  std::vector<decltype(start(std::declval<awaitable<void>>()))> group;
  group.reserve(operations.size());
  for (awaitable<void>& op : operations) group.push_back(start(std::move(op)));
  auto [order, errors] = co_await asio::experimental::make_parallel_group(std::move(group))
                             .async_wait(asio::experimental::wait_for_all(), use_awaitable);
  for (const std::exception_ptr& e : errors) {
    if (e) std::rethrow_exception(e);
  }
}

}  // namespace warren::async
