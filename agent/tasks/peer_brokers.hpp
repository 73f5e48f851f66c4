#pragma once

#include "agent/log.hpp"
#include "agent/snapshot_store.hpp"
#include "agent/tasks/peer_rounds.hpp"
#include "async/awaitable.hpp"
#include "base/backoff.hpp"
#include "base/secret.hpp"
#include "erldist/connect.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace warren::agent {

struct peer_brokers_settings {
  std::string own_name;        // the same as on the link to the own broker
  std::uint32_t creation = 1;  // likewise
  std::uint16_t epmd_port = 4369;
  // Read anew before each attempt to connect.
  std::function<base::result<base::secret>()> cookie;
  look_intervals intervals{.hurried = std::chrono::milliseconds(300),
                           .calm = std::chrono::seconds(5)};
  base::duration call_timeout = std::chrono::seconds(2);
  // Shorter than towards the own broker: a peer that is silent holds up guarded acts.
  erldist::connect_limits limits{.epmd = std::chrono::seconds(2),
                                 .connect = std::chrono::seconds(2),
                                 .handshake = std::chrono::seconds(3)};
  // A mistake makes the broker write a log line for each attempt. All else is tried again at the
  // next look.
  base::backoff_settings mistake_delays{.first = std::chrono::seconds(2),
                                        .cap = std::chrono::seconds(30),
                                        .factor = 2.0,
                                        .jitter = 0.2,
                                        .reset_after = std::chrono::minutes(2)};
};

// Looks at the broker of every other peer over one kept connection each and writes what it sees
// into the store's sights. EPMD at the pod's own address that refuses or does not know the name:
// it does not run. Everything else that fails: not known. Owner: the worker; must outlive run().
class peer_brokers {
 public:
  peer_brokers(const async::asio::any_io_executor& executor, snapshot_store& store,
               peer_brokers_settings settings);

  // Ends only by cancellation.
  async::awaitable<void> run() { return rounds_.run(); }
  // Looks at all of them now, but does not try a mistake again before its time. What comes of it is
  // newer than this call, or an error.
  void look_now() { rounds_.look_now(); }

 private:
  using connecting = base::result<std::unique_ptr<erldist::connection>>;

  async::awaitable<void> watch(const domain::peer& who, peer_beat& beat);
  async::awaitable<connecting> connect(const domain::peer& who);
  async::awaitable<void> serve(const domain::peer& who, peer_beat& beat, erldist::connection& link);
  void note(const domain::peer& who, const base::result<domain::broker_facts>& seen,
            base::time_point asked);
  void tell(const domain::peer& who, const base::failure& why);

  snapshot_store& store_;
  peer_brokers_settings settings_;
  told_once said_;
  peer_rounds rounds_;
};

}  // namespace warren::agent
