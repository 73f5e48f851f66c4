#pragma once

#include "agent/snapshot_store.hpp"
#include "agent/tasks/broker_link.hpp"
#include "async/task_group.hpp"
#include "tests/support/fake_epmd.hpp"
#include "tests/support/fake_erlang_node.hpp"
#include "tests/support/run_coroutine.hpp"

#include <functional>
#include <memory>
#include <string>

namespace warren::testing {

// A fake broker rabbit@fake, and a broker_link that looks at it every few milliseconds.
struct watched_broker {
  explicit watched_broker(const async::asio::any_io_executor& executor);

  // Begins to look. Settings may be changed before.
  void watch();
  async::awaitable<void> until(std::function<bool(const domain::broker_view&)> condition,
                               std::string what);
  async::awaitable<void> until(domain::link_state state);
  [[nodiscard]] const domain::broker_view& seen() const { return store.current().world.broker; }

  async::asio::any_io_executor executor;
  fake_epmd epmd;
  fake_erlang_node node;
  agent::broker_link_settings settings;
  agent::snapshot_store store;
  std::unique_ptr<agent::broker_link> link;
  async::task_group tasks;
};

// Runs the body, then ends the link; what is left over after that fails the test.
void with_broker(std::function<async::awaitable<void>(watched_broker&)> body);

}  // namespace warren::testing
