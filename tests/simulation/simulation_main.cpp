#include "tests/simulation/world.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace warren::simulation;

namespace {

struct options {
  std::uint64_t first_seed = 1;
  std::uint64_t runs = 20000;
  std::optional<std::uint64_t> seed;
  bool story = false;
  int nodes = 0;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
};

struct totals {
  std::uint64_t runs = 0;
  std::uint64_t faults = 0;
  std::map<std::string, int> outcomes;
  std::map<std::uint64_t, std::string> failures;
};

totals run_many(const options& o) {
  totals all;
  std::mutex guard;
  std::atomic<std::uint64_t> next{0};
  const auto work = [&] {
    for (;;) {
      const std::uint64_t i = next++;
      if (i >= o.runs) return;
      const plan p = draw_plan(o.first_seed + i, o.nodes);
      const outcome r = run_plan(p, nullptr, false);
      const std::scoped_lock lock(guard);
      ++all.runs;
      all.faults += static_cast<std::uint64_t>(r.faults);
      if (!r.violation.empty()) {
        all.failures.emplace(p.seed, r.violation);
      } else {
        ++all.outcomes[r.stalemate.empty() ? "one cluster" : r.stalemate];
      }
    }
  };
  std::vector<std::thread> threads;
  for (unsigned j = 0; j < o.jobs; ++j) threads.emplace_back(work);
  for (std::thread& t : threads) t.join();
  return all;
}

// Leaves out one fault after the other for as long as it still fails.
plan shrunk(plan p) {
  const auto kind = [](const plan& q) {
    return run_plan(q, nullptr, false).violation.substr(0, 10);
  };
  const std::string wanted = kind(p);
  const auto fails = [&](const plan& q) { return kind(q) == wanted; };
  for (bool again = true; again;) {
    again = false;
    for (std::size_t i = 0; i < p.faults.size(); ++i) {
      plan q = p;
      q.faults.erase(q.faults.begin() + static_cast<std::ptrdiff_t>(i));
      if (!fails(q)) continue;
      p = q;
      again = true;
      break;
    }
  }
  return p;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  bool shrink = false;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const auto value = [&] { return i + 1 < argc ? std::strtoull(argv[++i], nullptr, 10) : 0; };
    if (arg == "--runs") o.runs = value();
    if (arg == "--first-seed") o.first_seed = value();
    if (arg == "--seed") o.seed = value();
    if (arg == "--nodes") o.nodes = static_cast<int>(value());
    if (arg == "--jobs") o.jobs = static_cast<unsigned>(value());
    if (arg == "--story") o.story = true;
    if (arg == "--shrink") shrink = true;
  }
  if (o.seed) {
    plan p = draw_plan(*o.seed, o.nodes);
    if (shrink) p = shrunk(p);
    const outcome r = run_plan(p, nullptr, o.story);
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(*o.seed),
                r.violation.empty() ? (r.stalemate.empty() ? "one cluster" : r.stalemate.c_str())
                                    : r.violation.c_str());
    return r.violation.empty() ? 0 : 1;
  }
  const totals all = run_many(o);
  std::printf("%llu runs, %llu faults\n", static_cast<unsigned long long>(all.runs),
              static_cast<unsigned long long>(all.faults));
  for (const auto& [what, count] : all.outcomes) std::printf("%8d %s\n", count, what.c_str());
  std::map<std::string, std::vector<std::uint64_t>> kinds;
  for (const auto& [seed, what] : all.failures) {
    std::string kind = what.substr(0, what.find(':'));
    for (char& c : kind) c = c >= '0' && c <= '9' ? '#' : c;
    kinds[kind].push_back(seed);
  }
  for (const auto& [kind, seeds] : kinds) {
    std::printf("FAILED %zu times: %s; seeds", seeds.size(), kind.c_str());
    for (std::size_t i = 0; i < seeds.size() && i < 5; ++i) {
      std::printf(" %llu", static_cast<unsigned long long>(seeds[i]));
    }
    std::printf("\n");
  }
  return all.failures.empty() ? 0 : 1;
}
