#pragma once

#include "tests/simulation/api_server.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/mutations.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/stateful_set.hpp"
#include "tests/simulation/timeline.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace warren::simulation {

// "rabbit@q-3", and back.
const std::string& node_name(int ordinal);
int ordinal_of(const std::string& node);

struct outcome {
  std::string violation;     // empty: all was well
  std::string stalemate;     // it did not settle, and need not: why
  duration settled_after{};  // faults were over
  int faults = 0;            // that happened
};

// One run: all parts of it, and its faults.
struct world {
  world(plan p, const mutation* broken, bool tell_story);
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  outcome run();

  template <class Text>
  void tell(const std::string& who, Text&& text) {
    if (telling) told(who, text());
  }
  // A moment at which a fault may be due. True if it hit.
  void at_moment(int node, moment m, std::optional<domain::formation_act> act = {});
  [[nodiscard]] base::wall_time wall_of(int node) const;
  // The endpoints that this node's watch shows.
  const stateful_set::endpoints& endpoints_for(int node) const;

  plan the;
  const mutation* broken;
  bool telling;
  dice luck;
  timeline time;
  network net;
  api_server api;
  stateful_set set;
  checker check;
  int clusters_made = 0;

 private:
  void told(const std::string& who, const std::string& text) const;
  void schedule_faults();
  void hit(const fault& f);
  void reconnected();
  void for_a_while(int& counter, duration d);
  void write_now_and_then();
  void do_what_agents_ask();

  duration list_lag_{};
  std::array<std::optional<time_point>, most_nodes> gap_since_{};
  std::vector<int> armed_;  // how often the moment of each fault is still to come
  int faults_hit_ = 0;
};

// That of a seed, in the circumstances of the mutation, if any.
plan plan_of(const mutation* broken, std::uint64_t seed, int nodes = 0);
outcome run_plan(const plan& p, const mutation* broken, bool tell_story);

}  // namespace warren::simulation
