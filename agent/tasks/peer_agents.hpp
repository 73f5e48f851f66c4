#pragma once

#include "agent/log.hpp"
#include "agent/snapshot_store.hpp"
#include "agent/tasks/peer_rounds.hpp"
#include "async/awaitable.hpp"

#include <cstdint>
#include <string>

namespace warren::agent {

struct peer_agents_settings {
  std::string service;
  std::uint16_t port = 15690;  // the agents of one StatefulSet listen on the same
  base::duration look_timeout = std::chrono::seconds(2);  // of one look, over all addresses
  look_intervals intervals{.hurried = std::chrono::milliseconds(200),
                           .calm = std::chrono::seconds(5)};
};

// Asks the agent of every other peer for its status and writes what it says into the store's
// sights. Owner: the worker; must outlive run().
class peer_agents {
 public:
  peer_agents(const async::asio::any_io_executor& executor, snapshot_store& store,
              peer_agents_settings settings);

  // Ends only by cancellation.
  async::awaitable<void> run() { return rounds_.run(); }
  // Asks all of them now. What comes of it is newer than this call, or an error.
  void look_now() { rounds_.look_now(); }

 private:
  async::awaitable<void> watch(const domain::peer& who, peer_beat& beat);
  void note(const domain::peer& who, const base::result<domain::agent_facts>& seen,
            base::time_point asked);

  async::asio::any_io_executor executor_;
  snapshot_store& store_;
  peer_agents_settings settings_;
  told_once said_;
  peer_rounds rounds_;
};

}  // namespace warren::agent
