#pragma once

#include "tests/simulation/dice.hpp"

#include <functional>
#include <vector>

namespace warren::simulation {

// Virtual time: what is to happen, in order; of two at the same time the one that was asked for
// first.
class timeline {
 public:
  static constexpr time_point begin{std::chrono::hours(1)};

  [[nodiscard]] time_point now() const { return now_; }
  [[nodiscard]] duration elapsed() const { return now_ - begin; }
  void after(duration wait, std::function<void()> what);
  // Lets the next thing happen; false if nothing is left to.
  bool next();

 private:
  struct event {
    time_point when;
    std::uint64_t order;
    std::function<void()> what;
  };
  static bool later(const event& a, const event& b) {
    return a.when != b.when ? a.when > b.when : a.order > b.order;
  }

  time_point now_ = begin;
  std::uint64_t asked_ = 0;
  std::vector<event> heap_;
};

}  // namespace warren::simulation
