#pragma once

#include "agent/domain/formation.hpp"

#include <functional>
#include <string>
#include <vector>

namespace warren::simulation {

// One way of breaking the rules: what an agent takes for granted before it decides, what it makes
// of the decision, or how it does it.
struct mutation {
  std::string name;
  std::function<void(domain::formation_view&, base::time_point now)> view;
  std::function<void(const domain::formation_view&, domain::formation_step&)> step;
  std::function<void(const domain::formation_view&, domain::agent_facts&)> told;
  bool conflict_is_success = false;   // a 409 counts as written
  bool looks_count_from_end = false;  // a look is as new as its answer
  bool retries_end = false;           // doors are written with the broker's own limit of retries
};

const std::vector<mutation>& all_mutations();

}  // namespace warren::simulation
