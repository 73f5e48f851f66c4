#pragma once

#include "base/clock.hpp"

#include <optional>

namespace warren::domain {

struct supervision_settings {
  base::duration heartbeat_limit = std::chrono::seconds(5);    // silence that means: it hangs
  base::duration step = std::chrono::milliseconds(500);        // how often the guard looks
  base::duration first_delay = std::chrono::milliseconds(50);  // before the third start in a row
  base::duration longest_delay = std::chrono::seconds(1);      // doubling ends here
  base::duration settled_after = std::chrono::seconds(10);     // a life this long is a good one
  base::duration stop_limit = std::chrono::milliseconds(800);  // from SIGTERM to SIGKILL
  base::duration reap_limit = std::chrono::milliseconds(100);  // from SIGKILL to leaving anyway
};

// What the guard does next. It obeys and asks again until the answer is `wait`.
enum class guard_action { wait, start_worker, terminate_worker, kill_worker, leave };

// Why a worker ended.
enum class worker_end {
  unexpected,  // by itself
  hung,        // the guard killed it, for it gave no heartbeat
  asked,       // the guard asked it to end
};

// When the worker is started, asked to end and killed: a state machine over events and time,
// without IO. The silence of a worker counts only while the guard itself ran: each look adds the
// time since the last one, at most twice `step`, so that a machine that slept or a pod that was
// stopped does not look like a worker that hangs.
class supervision {
 public:
  supervision(const supervision_settings& settings, base::time_point now);

  void worker_started(base::time_point now);
  void heartbeat(base::time_point now);
  // Also when it could not be started.
  worker_end worker_ended(base::time_point now);
  // Another worker shall take over (new settings).
  void replace();
  // The guard shall leave: the first call lets the worker end, the second does not.
  void stop(base::time_point now);

  guard_action next(base::time_point now);
  // The time of the next look, if nothing happens before.
  [[nodiscard]] base::time_point look_at(base::time_point now) const;

 private:
  enum class phase { absent, running, ending, killed };

  guard_action kill(base::time_point now);

  supervision_settings settings_;
  phase phase_ = phase::absent;
  base::time_point last_look_;
  base::time_point started_at_;
  base::time_point act_at_;  // absent: start; ending: kill; killed: leave
  base::duration silence_ = base::duration::zero();
  worker_end why_ = worker_end::unexpected;
  int quick_ends_ = 0;  // in a row
  bool replace_ = false;
  int stops_ = 0;
};

}  // namespace warren::domain
