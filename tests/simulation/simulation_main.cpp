#include "tests/simulation/many_runs.hpp"
#include "tests/simulation/world.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>

using namespace warren::simulation;

namespace {

constexpr const char* usage =
    "simulation [--runs N] [--first-seed N] [--nodes N] [--jobs N] [--mutations]\n"
    "    N runs, then (--mutations) every way of breaking the rules until it is caught\n"
    "simulation --seed N [--nodes N] [--story] [--shrink] [--broken NAME]\n"
    "    one run; its story; without the faults that it does not need to fail; with broken rules\n";

// Leaves out one fault after the other for as long as it still fails.
plan shrunk(plan p, const mutation* broken) {
  const auto kind = [&](const plan& q) {
    return run_plan(q, broken, false).violation.substr(0, 10);
  };
  const std::string wanted = kind(p);
  for (bool again = true; again;) {
    again = false;
    for (std::size_t i = 0; i < p.faults.size(); ++i) {
      plan q = p;
      q.faults.erase(q.faults.begin() + static_cast<std::ptrdiff_t>(i));
      if (kind(q) != wanted) continue;
      p = q;
      again = true;
      break;
    }
  }
  return p;
}

int run_one(plan p, const mutation* broken, bool story, bool shrink) {
  if (shrink) p = shrunk(std::move(p), broken);
  const outcome r = run_plan(p, broken, story);
  const std::string& end = r.violation.empty() ? r.stalemate : r.violation;
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(p.seed),
              end.empty() ? "one cluster" : end.c_str());
  return r.violation.empty() ? 0 : 1;
}

const mutation* mutation_of(const std::string& name) {
  for (const mutation& m : all_mutations()) {
    if (m.name == name) return &m;
  }
  std::fprintf(stderr, "there is no mutation '%s'\n", name.c_str());
  std::exit(2);
}

int run_all(const many& m, bool with_mutations) {
  const auto began = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    const auto spent = std::chrono::steady_clock::now() - began;
    return static_cast<long long>(std::chrono::duration_cast<std::chrono::seconds>(spent).count());
  };
  counts all;
  if (m.runs > 0) {
    all = run_many(m);
    std::printf("%llu runs from seed %llu in %lld s\n", static_cast<unsigned long long>(m.runs),
                static_cast<unsigned long long>(m.first_seed), seconds());
  }
  if (with_mutations) {
    const counts c = run_mutations(m.jobs);
    all.passed += c.passed;
    all.failed += c.failed;
  }
  std::printf("sizes of clusters and mutations, in %lld s:\n%d passed, %d failed\n", seconds(),
              all.passed, all.failed);
  return all.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  many m;
  m.jobs = std::max(1U, std::thread::hardware_concurrency());
  std::optional<std::uint64_t> seed;
  const mutation* broken = nullptr;
  bool story = false;
  bool shrink = false;
  bool with_mutations = false;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const auto value = [&] { return i + 1 < argc ? argv[++i] : ""; };
    const auto number = [&] { return std::strtoull(value(), nullptr, 10); };
    if (arg == "--runs") {
      m.runs = number();
    } else if (arg == "--first-seed") {
      m.first_seed = number();
    } else if (arg == "--nodes") {
      m.nodes = static_cast<int>(number());
    } else if (arg == "--jobs") {
      m.jobs = static_cast<unsigned>(number());
    } else if (arg == "--seed") {
      seed = number();
    } else if (arg == "--broken") {
      broken = mutation_of(value());
    } else if (arg == "--story") {
      story = true;
    } else if (arg == "--shrink") {
      shrink = true;
    } else if (arg == "--mutations") {
      with_mutations = true;
    } else {
      std::fputs(usage, stderr);
      return 2;
    }
  }
  if (seed) return run_one(plan_of(broken, *seed, m.nodes), broken, story, shrink);
  return run_all(m, with_mutations);
}
