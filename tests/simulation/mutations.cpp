#include "tests/simulation/mutations.hpp"

namespace warren::simulation {

const std::vector<mutation>& all_mutations() {
  static const std::vector<mutation> all;
  return all;
}

}  // namespace warren::simulation
