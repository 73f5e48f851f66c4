#pragma once

#include "agent/guard.hpp"
#include "agent/settings.hpp"

namespace warren::agent {

// The worker process: everything the agent does. Ends with 0 after SIGTERM or when the guard has
// gone, and with another value if a task broke.
int run_worker(const settings& settings, worker_context context);

}  // namespace warren::agent
