#pragma once

#include "async/awaitable.hpp"
#include "base/result.hpp"

#include <string>
#include <vector>

namespace warren::agent {

// Runs `arguments` (a program, found by PATH, and what it is given; no shell) with the agent's own
// environment and its standard error for both outputs, and without its other descriptors. Ends when
// the program has ended, well if it exited with 0. Fails with the system's error if it could not be
// started, with operation_canceled and its exit code or signal in the detail, or with timed_out
// after killing it at `deadline`. If the calling coroutine is cancelled the program is killed, too.
async::awaitable<base::result<void>> run_command(std::vector<std::string> arguments,
                                                 base::time_point deadline);

}  // namespace warren::agent
