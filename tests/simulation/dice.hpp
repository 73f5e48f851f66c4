#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <vector>

namespace warren::simulation {

using base::duration;
using base::time_point;

// Everything that is left to chance comes from here: the same seed gives the same run.
class dice {
 public:
  explicit dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {  // splitmix64
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  // From 0 to n - 1; 0 if n < 2.
  int below(int n) { return n < 2 ? 0 : static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
  bool chance(double p) { return static_cast<double>(next() >> 11U) * 0x1p-53 < p; }
  duration between(duration least, duration most) {
    const auto range = static_cast<std::uint64_t>((most - least).count()) + 1;
    return least + duration(static_cast<duration::rep>(next() % range));
  }
  template <class T>
  const T& of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace warren::simulation
