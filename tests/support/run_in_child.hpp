#pragma once

#include <functional>
#include <string>

namespace warren::testing {

struct child_outcome {
  int code = 0;  // the exit code, or 128 + n after signal n
  std::string out;
  std::string err;
};

// Runs `body` in a process of its own, with its output collected, and gives how it ended; throws
// std::runtime_error if that takes longer than five seconds.
child_outcome run_in_child(const std::function<int()>& body);

}  // namespace warren::testing
