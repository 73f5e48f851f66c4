#pragma once

#include "tests/simulation/plan.hpp"

#include <array>

namespace warren::simulation {

// Who reaches whom. Counters, for faults of the same kind may overlap.
struct network {
  std::array<int, most_nodes> cut_off{};   // from the other pods
  std::array<int, most_nodes> api_down{};  // for this one alone
  int api_down_for_all = 0;

  [[nodiscard]] bool reaches(int from, int to) const {
    return from == to || (!cut_off[at(from)] && !cut_off[at(to)]);
  }
  [[nodiscard]] bool reaches_api(int from) const {
    return !api_down_for_all && !api_down[at(from)];
  }
  static std::size_t at(int n) { return static_cast<std::size_t>(n); }
};

}  // namespace warren::simulation
