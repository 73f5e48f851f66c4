#pragma once

#include "agent/domain/supervision.hpp"
#include "base/descriptor.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace warren::agent {

// How often a worker had to be replaced, and why.
struct worker_restarts {
  std::uint64_t exited = 0;    // it ended by itself
  std::uint64_t crashed = 0;   // a signal ended it
  std::uint64_t hung = 0;      // it gave no heartbeat
  std::uint64_t reloaded = 0;  // new settings
};

// What the guard gives to a worker.
struct worker_context {
  std::vector<base::descriptor> listeners;  // they stay open in the guard when closed here
  base::descriptor link;                    // to the guard: see guard_link.hpp
  std::string carried;                      // the state the last worker sent; empty for the first
  worker_restarts restarts;
};

// The two sides of the agent. Both are called in the process they belong to.
struct guarded_program {
  // The worker process: its value becomes the exit code. SIGTERM asks it to end, within the
  // settings' stop_limit; SIGINT and SIGHUP are ignored in it, for they go to the guard.
  std::function<int(worker_context)> work;
  // SIGHUP, in the guard: reads the settings again. False keeps the worker that runs.
  std::function<bool()> reload;
};

// Starts a worker by fork and replaces it whenever it ends or hangs, with the listening sockets
// kept open all the time, until SIGTERM or SIGINT; gives 0 then, within a second. Must be called by
// a process of one thread. A worker dies with its guard, also when that is killed.
int run_guard(std::vector<base::descriptor> listeners, const guarded_program& program,
              const domain::supervision_settings& settings = {});

}  // namespace warren::agent
