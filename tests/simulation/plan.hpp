#pragma once

#include "agent/domain/formation.hpp"
#include "tests/simulation/dice.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What a run is about: everything that its seed decides beforehand.
namespace warren::simulation {

constexpr int most_nodes = 9;

enum class release { v3_10, v4_0, v4_3 };

enum class beginning {
  fresh,    // nobody has data
  stopped,  // a cluster of before; all of its members start again
  plain,    // a cluster runs without Warren, which is added pod by pod
};

enum class fault_kind {
  restart_worker,   // the agent loses its memory; its guard remembers the gate
  restart_agent,    // its container: the gate's decision is forgotten too
  pause_agent,      // SIGSTOP, for `length`
  kill_broker,      // its container; kubelet starts it again in the same pod
  replace_pod,      // deleted; its claim stays
  lose_disk,        // the pod and its claim are deleted
  replace_all,      // all pods at once
  lose_some_disks,  // all pods, and the claims of `nodes`
  stop_all,         // scaled to zero, for `length`, and back
  scale,            // to `nodes.front()`
  delete_leases,    // both
  delete_lock,      // the Lease of the lock
  forbid_leases,    // 403, for `length`
  forbid_claims,    // 403, for `length`
  api_down,         // for `node`, or all if it is -1, for `length`
  cut_off,          // `node` from the other pods, for `length`
  watch_gap,        // `node` sees the endpoints as they were, for `length`
  unreadable_disk,  // the agent of `node` cannot read its data folder, for `length`
};
constexpr int fault_kinds = 18;
const char* name(fault_kind k);

// A moment within a run, for faults that are to hit just there.
enum class moment {
  step_begun,    // the agent begins a step; what it sends has not arrived
  step_landed,   // it has had its effect, and the agent does not know yet
  step_done,     // the agent knows
  broker_begun,  // the broker's process starts
  broker_looks,  // it looks for peers
  join_listed,   // the cluster lists it, its own disk does not know
  join_known,    // its own disk knows, it is not done
  broker_ready,
};
constexpr int moments = 8;
const char* name(moment m);

struct trigger {
  moment at = moment::step_begun;
  std::optional<domain::formation_act> act;  // for steps: only this one
  int nth = 1;
};

struct fault {
  fault_kind what = fault_kind::restart_worker;
  int node = 0;
  duration at{};                // after the beginning, or after the moment of `when`
  std::optional<trigger> when;  // of `node`
  duration length{};
  std::vector<int> nodes;
};
std::string text_of(const fault& f);

struct plan {
  std::uint64_t seed = 0;
  int nodes = 3;
  release version = release::v4_3;
  bool version_told = true;  // agents know the version beforehand
  bool seed_plugin = true;
  bool ordered_ready = false;
  bool claim_templates = true;  // else every pod has an empty volume
  bool leases = true;           // the Role allows them
  bool claims_readable = true;
  beginning begin = beginning::fresh;
  bool marked = true;            // stopped: Warren has left its marks and its record
  std::vector<int> stop_order;   // stopped: who stopped first
  std::vector<duration> clocks;  // how far each machine's wall clock is ahead
  duration spread{};             // pods come within this
  double lost = 0;               // how often a look gets no answer
  double late = 0;               // how often a request to the API server times out and lands later
  double refused = 0;            // how often it fails at once
  duration latency{};            // at most, one way
  std::vector<fault> faults;
  duration calm_from{};  // no fault begins or lasts later than this
};
std::string text_of(const plan& p);

// Faults that wait for a moment come until then, or never.
constexpr duration longest_moment = std::chrono::seconds(40);

// `nodes`: so many instead of those of the seed, if it is positive.
plan draw_plan(std::uint64_t seed, int nodes = 0);

}  // namespace warren::simulation
