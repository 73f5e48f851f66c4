#pragma once

#include "agent/domain/formation.hpp"
#include "tests/simulation/plan.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace warren::simulation {

// One way of breaking the rules: what an agent takes for granted before it decides, what it makes
// of the decision, or how it does it.
struct mutation {
  std::string name;
  std::uint64_t seed = 0;  // one that was seen to catch it; after a change of the rules another may
  // The circumstances that it is looked for in, where those of most seeds do not need the rule.
  std::function<void(plan&)> where = {};
  bool stalls = false;  // caught also by that the run does not become one cluster in time
  std::function<void(domain::formation_view&, base::time_point now)> view = {};
  std::function<void(const domain::formation_view&, domain::formation_step&)> step = {};
  std::function<void(const domain::formation_view&, domain::agent_facts&)> told = {};
  // True for a step that it takes for done without doing it: of marks only.
  std::function<bool(const domain::formation_step&)> skips = {};
  bool retries_end = false;        // doors are written with the broker's own limit of retries
  bool old_marks_ignored = false;  // only those of this process count
};

const std::vector<mutation>& all_mutations();

}  // namespace warren::simulation
