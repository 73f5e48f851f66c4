#pragma once

#include "agent/snapshot_store.hpp"
#include "async/awaitable.hpp"
#include "base/backoff.hpp"
#include "base/secret.hpp"
#include "erldist/connect.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace warren::agent {

struct broker_link_settings {
  erldist::connect_target target;  // all but the cookie
  // Read anew before each attempt, for it may be mounted late or be corrected.
  std::function<base::result<base::secret>()> cookie;
  // Told of each look: the check it serves, how long it took, whether it was answered.
  std::function<void(std::string_view check, base::duration took, bool answered)> count =
      [](std::string_view, base::duration, bool) {};
  base::duration check_interval = std::chrono::milliseconds(500);
  base::duration members_interval = std::chrono::seconds(5);
  base::duration connect_interval = std::chrono::seconds(10);  // of real connects to the listeners
  base::duration connect_timeout = std::chrono::seconds(3);    // of each of them
  // Less than health_settings::stale_after, so that one slow answer makes no other one stale.
  base::duration call_timeout = std::chrono::seconds(3);
  erldist::connect_limits limits;
  // A broker that is away costs one look into EPMD, so it is looked for often: its first answer
  // after a start should show at once.
  base::backoff_settings away_delays{.first = std::chrono::milliseconds(100),
                                     .cap = std::chrono::seconds(1),
                                     .factor = 1.5,
                                     .jitter = 0.1,
                                     .reset_after = std::chrono::minutes(1)};
  // A mistake makes the broker write a log line for each attempt.
  base::backoff_settings mistake_delays{.first = std::chrono::seconds(2),
                                        .cap = std::chrono::seconds(30),
                                        .factor = 2.0,
                                        .jitter = 0.2,
                                        .reset_after = std::chrono::minutes(2)};
};

struct broker_link_counters {
  std::uint64_t connects = 0;
  std::uint64_t failed_looks = 0;
  erldist::connection_counters traffic;  // of all connections before the present one
};

// Keeps one connection to the local broker and writes into the store what it sees there: at once
// when the link comes or goes, every check_interval the boot state, maintenance, alarms and
// listening sockets, every members_interval, and once the broker is ready, the cluster. Owner: the
// worker; must outlive run().
class broker_link {
 public:
  broker_link(snapshot_store& store, broker_link_settings settings);

  // Ends only by cancellation.
  async::awaitable<void> run();

  [[nodiscard]] broker_link_counters counters() const;
  // When the broker answered last, be it to one of several questions; nothing without a link.
  [[nodiscard]] std::optional<base::time_point> last_answer() const;

 private:
  async::awaitable<base::failure> serve(erldist::connection& link);
  void note_connected(const erldist::connection& link);
  void note_failed(domain::link_state state, const base::failure& why, base::time_point asked);
  void note_lost(const base::failure& why);
  base::duration pause_after(const base::failure& why);

  snapshot_store& store_;
  broker_link_settings settings_;
  base::backoff away_pause_;
  base::backoff mistake_pause_;
  broker_link_counters counters_;
  const erldist::connection* current_ = nullptr;
};

// What a failed attempt to connect means for the state of the link.
domain::link_state link_state_after(const base::failure& why);
// The failure in words for people, with the cure where there is one.
std::string explain(const base::failure& why, const std::string& node);

}  // namespace warren::agent
