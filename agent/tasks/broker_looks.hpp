#pragma once

#include "agent/snapshot_store.hpp"
#include "agent/tasks/broker_link.hpp"
#include "agent/tasks/listening_sockets.hpp"
#include "async/awaitable.hpp"
#include "async/wakeup.hpp"
#include "rabbitmq/broker.hpp"

#include <cstdint>
#include <vector>

namespace warren::agent {

// What is looked at while a connection lasts. Owner: broker_link, which cancels the loops before
// the connection goes.
class broker_looks {
 public:
  broker_looks(const async::asio::any_io_executor& executor, snapshot_store& store,
               erldist::connection& link, const broker_link_settings& settings,
               broker_link_counters& counters);

  // Boot state, maintenance, alarms.
  async::awaitable<void> look_often();
  // Whether the listeners accept connections.
  async::awaitable<void> watch_ports();
  // What formation is decided from, membership, and which listeners there are.
  async::awaitable<void> look_at_cluster();

 private:
  async::awaitable<void> look();
  void note_boot(domain::broker_facts& facts, domain::boot_state boot);
  async::awaitable<void> look_at_formation();
  async::awaitable<void> look_at_listeners();
  async::awaitable<void> look_at_ports();
  [[nodiscard]] bool listeners_matter() const;

  snapshot_store& store_;
  erldist::connection& link_;
  const broker_link_settings& settings_;
  broker_link_counters& counters_;
  rabbitmq::broker broker_;
  async::wakeup ready_;  // the broker is ready, and its cluster is not known yet
  listening_sockets sockets_;
  std::vector<std::uint16_t> missing_;  // ports without a socket at the last look
  base::time_point connect_due_;
};

}  // namespace warren::agent
