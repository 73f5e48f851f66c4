#pragma once

#include <cstdint>

namespace warren::simulation {

struct many {
  std::uint64_t first_seed = 1;
  std::uint64_t runs = 20000;
  int nodes = 0;  // so many instead of those of the seeds, if positive
  unsigned jobs = 1;
};

// What is counted: sizes of clusters, and mutations.
struct counts {
  int passed = 0;
  int failed = 0;
};

// Runs with the rules as they are. Prints a line for each size of cluster, how the runs ended, and
// the seeds that failed.
counts run_many(const many& m);
// Each mutation until a seed catches it: by an invariant that is violated, and is not by the rules
// as they are. Prints the table of them.
counts run_mutations(unsigned jobs);

}  // namespace warren::simulation
