#pragma once

#include "agent/domain/formation.hpp"
#include "agent/domain/groups.hpp"
#include "base/clock.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace warren::domain {

// What a problem was found by.
enum class problem_source {
  gate,     // the decision of formation
  cluster,  // the comparison of what the brokers report
};

// What is wrong with the cluster, or keeps it from forming. `reason` and `about` tell it apart.
struct cluster_problem {
  std::string reason;  // of its Event
  std::string about;   // the node; empty where it is about the whole
  std::string note;    // the thing, the cause, the cure
  problem_source from = problem_source::gate;
  base::time_point since;
  bool stands = false;  // it has lasted so long that people are told
  friend bool operator==(const cluster_problem&, const cluster_problem&) = default;
};

struct problem_list {
  std::vector<cluster_problem> all;  // sorted by reason and node
  // False: that source cannot tell at present, so that what it found before is not over.
  bool gate_knows = false;
  bool cluster_knows = false;
  friend bool operator==(const problem_list&, const problem_list&) = default;
};

// What is wrong now, as `node` sees it. `decision` is null where there is no gate. Only while the
// own broker runs the comparison says that nothing is wrong.
problem_list find_problems(std::string_view node, const formation_step* decision,
                           const cluster_picture& picture);

// The problems that were found, with their times. Each is told once it has lasted: a normal start
// waits for others for some seconds, and a pod that restarts is a member without a pod for a while.
problem_list advance_problems(const problem_list& before, problem_list found, base::time_point now);

}  // namespace warren::domain
