#include "tests/simulation/many_runs.hpp"
#include "tests/simulation/world.hpp"

#include <atomic>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace warren::simulation {
namespace {

constexpr std::uint64_t most_runs = 2000;  // of one mutation, before it counts as not caught

struct caught {
  std::uint64_t seed = 0;
  std::uint64_t runs = 0;
  std::string by;  // what was violated; empty: it was not caught
};

// What that seed violates with the rules broken, and only then. That a run does not settle in time
// is no proof of harm.
std::string violation_of(const mutation& broken, std::uint64_t seed) {
  const plan p = plan_of(&broken, seed);
  std::string what = run_plan(p, &broken, false).violation;
  if (what.empty() || (!broken.stalls && what.find("in time") != std::string::npos)) return {};
  return run_plan(p, nullptr, false).violation.empty() ? what : std::string();
}

caught catch_it(const mutation& broken) {
  caught c;
  const auto try_seed = [&](std::uint64_t seed) {
    ++c.runs;
    c.seed = seed;
    c.by = violation_of(broken, seed);
    return !c.by.empty();
  };
  if (broken.seed != 0 && try_seed(broken.seed)) return c;
  for (std::uint64_t seed = 1; seed <= most_runs; ++seed) {
    if (try_seed(seed)) return c;
  }
  return c;
}

}  // namespace

counts run_mutations(unsigned jobs) {
  const std::vector<mutation>& all = all_mutations();
  std::atomic<std::size_t> next{0};
  std::mutex guard;
  counts result;
  std::printf("%-54s %6s %6s  %s\n", "an agent that", "seed", "runs", "is caught, for");
  const auto work = [&] {
    for (std::size_t i = next++; i < all.size(); i = next++) {
      const caught c = catch_it(all[i]);
      const bool is_caught = !c.by.empty();
      const std::scoped_lock lock(guard);
      std::printf("%-54s %6s %6llu  %s\n", all[i].name.c_str(),
                  is_caught ? std::to_string(c.seed).c_str() : "-",
                  static_cast<unsigned long long>(c.runs),
                  is_caught ? c.by.substr(0, c.by.find('\n')).c_str() : "FAILED: it is not caught");
      std::fflush(stdout);
      ++(is_caught ? result.passed : result.failed);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned j = 0; j < jobs; ++j) threads.emplace_back(work);
  for (std::thread& t : threads) t.join();
  return result;
}

}  // namespace warren::simulation
