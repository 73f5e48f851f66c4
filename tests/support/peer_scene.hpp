#pragma once

#include "agent/snapshot_store.hpp"
#include "async/task_group.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace warren::testing {

// A store of rabbit@self whose gate is closed, and the list of peers in it.
struct peer_scene {
  explicit peer_scene(const async::asio::any_io_executor& executor);

  void list(std::vector<domain::peer> peers);
  // Fails if there is no such peer.
  [[nodiscard]] const domain::peer_sight& sight(const std::string& node) const;
  async::awaitable<void> until(const std::string& node,
                               std::function<bool(const domain::peer_sight&)> condition,
                               std::string what);

  async::asio::any_io_executor executor;
  agent::snapshot_store store;
  async::task_group tasks;
};

domain::peer peer_at(std::string node, std::string uid, std::string address = "127.0.0.1");

// Runs the body, then ends the tasks; what is left over after that fails the test.
void with_peers(std::function<async::awaitable<void>(peer_scene&)> body);

}  // namespace warren::testing
