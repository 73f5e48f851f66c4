#pragma once

#include "async/awaitable.hpp"
#include "base/descriptor.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <optional>
#include <string>

namespace warren::agent {

// The worker's end of the link to its guard. Heartbeats are sent by the event loop itself, so that
// a loop that is blocked sends none. Must outlive beat() and watch().
class guard_link {
 public:
  guard_link(const async::asio::any_io_executor& executor, base::descriptor link,
             base::duration heartbeat_interval = std::chrono::seconds(1));

  // Sends a heartbeat now and at each interval, and what state the guard has not got yet. Ends only
  // by cancellation.
  async::awaitable<void> beat();
  // Ends when the guard has gone: the worker must then end, for the next guard needs the port.
  async::awaitable<void> watch_guard();

  // Gives the guard the state for the next worker, unless it is what the guard has already. At most
  // max_carried_state bytes; a longer one is dropped, and the guard keeps the last. Never blocks.
  void carry(std::string state);

  // By how much the event loop was late, at most, in the last half to whole minute.
  [[nodiscard]] base::duration loop_lag() const;

 private:
  bool send(char kind, const std::string& bytes);
  void send_state();
  void note_lag(base::duration late, base::time_point now);

  async::asio::posix::stream_descriptor link_;
  base::duration heartbeat_interval_;
  std::string state_;
  bool state_sent_ = true;
  base::duration lag_ = base::duration::zero();         // of this half minute
  base::duration lag_before_ = base::duration::zero();  // of the one before
  std::optional<base::time_point> lag_since_;
};

}  // namespace warren::agent
