#include "tests/simulation/many_runs.hpp"

#include "tests/simulation/world.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace warren::simulation {
namespace {

using ull = unsigned long long;

struct of_size {
  ull runs = 0;
  ull faults = 0;
  ull one_cluster = 0;
  ull closed = 0;
  ull failed = 0;
  duration longest{};
};

struct totals {
  std::array<of_size, most_nodes + 1> sizes;
  std::map<std::string, ull> stalemates;
  std::map<std::uint64_t, std::string> failures;
};

void add_to(totals& all, const plan& p, const outcome& r) {
  of_size& size = all.sizes.at(static_cast<std::size_t>(p.nodes));
  ++size.runs;
  size.faults += static_cast<ull>(r.faults);
  if (!r.violation.empty()) {
    ++size.failed;
    all.failures.emplace(p.seed, r.violation);
  } else if (!r.stalemate.empty()) {
    ++size.closed;
    ++all.stalemates[r.stalemate];
  } else {
    ++size.one_cluster;
    size.longest = std::max(size.longest, r.settled_after);
  }
}

void print_failures(const totals& all) {
  std::map<std::string, std::vector<std::uint64_t>> kinds;
  for (const auto& [seed, what] : all.failures) {
    std::string kind = what.substr(0, what.find(':'));
    for (char& c : kind) c = c >= '0' && c <= '9' ? '#' : c;
    kinds[kind].push_back(seed);
  }
  for (const auto& [kind, seeds] : kinds) {
    std::printf("FAILED %zu times: %s; seeds", seeds.size(), kind.c_str());
    for (std::size_t i = 0; i < seeds.size() && i < 20; ++i) std::printf(" %llu", ull{seeds[i]});
    std::printf("\n");
  }
}

}  // namespace

counts run_many(const many& m) {
  totals all;
  std::mutex guard;
  std::atomic<std::uint64_t> next{0};
  const auto work = [&] {
    for (std::uint64_t i = next++; i < m.runs; i = next++) {
      const plan p = draw_plan(m.first_seed + i, m.nodes);
      const outcome r = run_plan(p, nullptr, false);
      const std::scoped_lock lock(guard);
      add_to(all, p, r);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned j = 0; j < m.jobs; ++j) threads.emplace_back(work);
  for (std::thread& t : threads) t.join();

  counts result;
  std::printf("nodes    runs  faults  one cluster  slowest  gate closed  failed\n");
  for (int n = 1; n <= most_nodes; ++n) {
    const of_size& s = all.sizes.at(static_cast<std::size_t>(n));
    if (s.runs == 0) continue;
    const auto slowest = std::chrono::duration_cast<std::chrono::seconds>(s.longest).count();
    std::printf("%5d %7llu %7llu %12llu %6lld s %12llu %7llu\n", n, s.runs, s.faults, s.one_cluster,
                static_cast<long long>(slowest), s.closed, s.failed);
    ++(s.failed == 0 ? result.passed : result.failed);
  }
  for (const auto& [what, count] : all.stalemates) {
    std::printf("gate closed %llu times: %s\n", count, what.c_str());
  }
  print_failures(all);
  return result;
}

}  // namespace warren::simulation
