#pragma once

#include "async/task_group.hpp"
#include "erldist/connect.hpp"
#include "tests/support/fake_epmd.hpp"
#include "tests/support/fake_erlang_node.hpp"
#include "tests/support/run_coroutine.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace warren::testing {

// A fake node, and a connection to it whose run() goes on in `tasks`.
struct linked_node {
  explicit linked_node(const async::asio::any_io_executor& executor);
  async::awaitable<void> open(erldist::connection_settings settings = {});
  // Waits for the end of the link and gives its reason.
  async::awaitable<base::error_code> end();

  fake_epmd epmd;
  fake_erlang_node node;
  std::unique_ptr<erldist::connection> link;
  std::optional<base::failure> ended;
  async::task_group tasks;
};

// run_coroutine() with an open link, which is closed afterwards.
void with_link(std::function<async::awaitable<void>(linked_node&)> body,
               erldist::connection_settings settings = {});

}  // namespace warren::testing
