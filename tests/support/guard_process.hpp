#pragma once

#include "agent/guard.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <sys/types.h>

namespace warren::testing {

// Memory that the test, its guard and all workers share.
struct blackboard {
  std::atomic<int> starts{0};    // workers that have begun
  std::atomic<pid_t> worker{0};  // the latest
  std::atomic<pid_t> other{0};   // a process that a worker left behind
  std::atomic<int> setting{0};   // what the latest worker was started with
  std::atomic<int> reloads{0};
  std::atomic<std::uint64_t> exited{0}, crashed{0}, hung{0}, reloaded{0};
  std::array<char, 64> carried{};  // what the latest worker got
};

// A guard in a process of its own with workers made by the test.
class guard_process {
 public:
  using work = std::function<int(agent::worker_context, blackboard&)>;

  guard_process(
      work worker, const domain::supervision_settings& settings,
      std::function<bool(int& setting)> reload = [](int&) { return true; });
  guard_process(const guard_process&) = delete;
  guard_process& operator=(const guard_process&) = delete;
  ~guard_process();

  [[nodiscard]] blackboard& board() const { return *board_; }
  [[nodiscard]] pid_t pid() const { return guard_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  void send(int signal) const;
  // Waits for the guard's end and gives its exit code, 128 + n after signal n. Throws if the guard
  // does not end within a second, or leaves its worker over.
  int wait();
  // What guard and workers wrote to stderr so far.
  [[nodiscard]] std::string log() const;

 private:
  blackboard* board_;
  base::descriptor log_;
  std::uint16_t port_ = 0;
  pid_t guard_ = 0;
};

// Looks every millisecond; throws std::runtime_error(what) after the limit.
void wait_until(const std::function<bool()>& condition, const std::string& what,
                std::chrono::steady_clock::duration limit = std::chrono::seconds(5));

// False for one that has ended, even if nobody has asked for its exit code.
bool process_runs(pid_t pid);

// True while the process has not taken a signal that was sent to it.
bool signal_pending(pid_t pid, int signal);

// True if a connection to 127.0.0.1 is accepted by the kernel.
bool can_connect(std::uint16_t port);

}  // namespace warren::testing
