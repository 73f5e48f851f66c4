#include "tests/simulation/plan.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

std::string seconds(duration d) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
  return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
}

int draw_size(dice& luck) {
  constexpr std::array sizes = {3, 3, 3, 2, 2, 3, 1, 4, 5, 3};
  const int drawn = sizes[static_cast<std::size_t>(luck.below(10))];
  return luck.chance(0.06) ? 6 + luck.below(4) : drawn;
}

trigger draw_trigger(dice& luck) {
  trigger t{.at = static_cast<moment>(luck.below(moments))};
  if (t.at <= moment::step_done && luck.chance(0.8)) {
    constexpr std::array acts = {
        domain::formation_act::take_lock,    domain::formation_act::drop_lock,
        domain::formation_act::write_record, domain::formation_act::write_mark,
        domain::formation_act::write_door,   domain::formation_act::open,
        domain::formation_act::forget,       domain::formation_act::join};
    t.act = acts[static_cast<std::size_t>(luck.below(static_cast<int>(acts.size())))];
  }
  t.nth = 1 + (luck.chance(0.3) ? luck.below(4) : 0);
  return t;
}

std::vector<int> draw_some(dice& luck, int nodes) {
  std::vector<int> some;
  for (int i = 0; i < nodes; ++i) {
    if (luck.chance(0.4)) some.push_back(i);
  }
  if (some.empty()) some.push_back(luck.below(nodes));
  return some;
}

duration draw_length(dice& luck) {
  return luck.chance(0.5) ? luck.between(100ms, 5s) : luck.between(5s, 40s);
}

fault draw_fault(dice& luck, int nodes) {
  constexpr std::array often = {
      fault_kind::restart_worker, fault_kind::restart_agent, fault_kind::pause_agent,
      fault_kind::kill_broker,    fault_kind::replace_pod,   fault_kind::lose_disk,
      fault_kind::pause_agent,    fault_kind::kill_broker,   fault_kind::lose_disk};
  fault f;
  f.what = luck.chance(0.6) ? often[static_cast<std::size_t>(luck.below(often.size()))]
                            : static_cast<fault_kind>(luck.below(fault_kinds));
  f.node = luck.below(nodes);
  f.at = luck.chance(0.5) ? luck.between(0s, 15s) : luck.between(0s, 60s);
  f.length = draw_length(luck);
  const bool at_a_node = f.what <= fault_kind::lose_disk || f.what == fault_kind::cut_off ||
                         f.what == fault_kind::api_down || f.what == fault_kind::delete_leases;
  if (at_a_node && luck.chance(0.6)) {
    f.when = draw_trigger(luck);
    f.at = luck.chance(0.5) ? 0s : luck.between(0s, 300ms);
  }
  if (f.what == fault_kind::api_down && luck.chance(0.5)) {
    f.node = -1;
    f.when.reset();
  }
  if (f.what == fault_kind::lose_some_disks) f.nodes = draw_some(luck, nodes);
  if (f.what == fault_kind::scale) {
    f.nodes = {std::clamp(nodes + luck.below(5) - 2, 1, most_nodes)};
  }
  return f;
}

void draw_beginning(dice& luck, plan& p) {
  const int kind = luck.below(10);
  p.begin = kind < 6 ? beginning::fresh : kind < 8 ? beginning::stopped : beginning::plain;
  p.marked = luck.chance(0.7);
  p.stop_order.resize(static_cast<std::size_t>(p.nodes));
  std::iota(p.stop_order.begin(), p.stop_order.end(), 0);
  for (int i = p.nodes - 1; i > 0; --i) {
    std::swap(p.stop_order[static_cast<std::size_t>(i)],
              p.stop_order[static_cast<std::size_t>(luck.below(i + 1))]);
  }
}

void draw_faults(dice& luck, plan& p) {
  const int count = luck.chance(0.1) ? 0 : 1 + luck.below(luck.chance(0.3) ? 6 : 3);
  for (int i = 0; i < count; ++i) p.faults.push_back(draw_fault(luck, p.nodes));
  // A set that was scaled is scaled back, or stays as it is.
  if (luck.chance(0.05)) {
    const duration when = luck.between(0s, 30s);
    p.faults.push_back({.what = fault_kind::scale, .at = when, .nodes = {p.nodes + 2}});
    p.faults.push_back(
        {.what = fault_kind::scale, .at = when + luck.between(1s, 25s), .nodes = {p.nodes}});
    if (luck.chance(0.5)) {
      p.faults.push_back(
          {.what = fault_kind::scale, .at = when + luck.between(26s, 40s), .nodes = {p.nodes + 2}});
    }
    for (fault& f : p.faults) {
      if (f.what == fault_kind::scale) f.nodes.front() = std::min(f.nodes.front(), most_nodes);
    }
  }
  p.calm_from = 5s;
  for (const fault& f : p.faults) {
    p.calm_from = std::max(p.calm_from, f.when ? longest_moment : f.at + f.length);
  }
}

// All look at the same time whether they may found, over an API server that is slow and loses
// answers, and agents end or stop in the middle of their guarded steps.
void draw_contention(dice& luck, plan& p) {
  constexpr std::array kinds = {fault_kind::restart_worker, fault_kind::restart_worker,
                                fault_kind::pause_agent, fault_kind::restart_agent,
                                fault_kind::replace_pod};
  constexpr std::array acts = {
      domain::formation_act::take_lock,    domain::formation_act::write_record,
      domain::formation_act::write_record, domain::formation_act::write_mark,
      domain::formation_act::write_door,   domain::formation_act::open};
  constexpr std::array at = {moment::step_begun, moment::step_landed, moment::step_done};
  p.begin = beginning::fresh;
  p.spread = 2s;
  p.leases = true;
  p.late = 0.3;
  p.latency = luck.chance(0.5) ? 50ms : 400ms;
  p.faults.clear();
  for (int i = 0; i < 2 * p.nodes; ++i) {
    fault f{.what = kinds[static_cast<std::size_t>(luck.below(kinds.size()))],
            .node = luck.below(p.nodes),
            .at = luck.chance(0.5) ? 0s : luck.between(0s, 3s),
            .length = luck.between(1s, 20s)};
    f.when = trigger{.at = at[static_cast<std::size_t>(luck.below(at.size()))],
                     .act = acts[static_cast<std::size_t>(luck.below(acts.size()))],
                     .nth = 1 + luck.below(2)};
    p.faults.push_back(f);
  }
  p.calm_from = 60s;
}

}  // namespace

const char* name(fault_kind k) {
  constexpr std::array<const char*, fault_kinds> names = {
      "restart worker", "restart agent",   "pause agent",    "kill broker",   "replace pod",
      "lose disk",      "replace all",     "lose disks",     "stop all",      "scale",
      "delete Leases",  "delete the lock", "forbid Leases",  "forbid claims", "API down",
      "cut off",        "watch gap",       "unreadable disk"};
  return names[static_cast<std::size_t>(k)];
}

const char* name(moment m) {
  constexpr std::array<const char*, moments> names = {"step begun",   "step landed",  "step done",
                                                      "broker begun", "broker looks", "join listed",
                                                      "join known",   "broker ready"};
  return names[static_cast<std::size_t>(m)];
}

std::string text_of(const fault& f) {
  std::string text = name(f.what);
  if (f.node >= 0) text += " of " + std::to_string(f.node);
  text += f.when ? ", " + seconds(f.at) + " after its '" + name(f.when->at) + "'"
                 : " at " + seconds(f.at);
  if (f.when && f.when->act)
    text += " (act " + std::to_string(static_cast<int>(*f.when->act)) + ")";
  if (f.when) text += " no. " + std::to_string(f.when->nth);
  if (f.length > 0s) text += " for " + seconds(f.length);
  for (const int n : f.nodes) text += " [" + std::to_string(n) + "]";
  return text;
}

std::string text_of(const plan& p) {
  constexpr std::array<const char*, 3> releases = {"3.10", "4.0", "4.3"};
  constexpr std::array<const char*, 3> begins = {"fresh start", "restart of a stopped cluster",
                                                 "a cluster without Warren"};
  std::string text = std::to_string(p.nodes) + " nodes of " +
                     releases[static_cast<std::size_t>(p.version)] + ", " +
                     begins[static_cast<std::size_t>(p.begin)];
  text += p.ordered_ready ? ", OrderedReady" : ", Parallel";
  if (!p.version_told) text += ", version not told";
  if (!p.seed_plugin) text += ", no plugin";
  if (!p.claim_templates) text += ", no claims";
  if (!p.leases) text += ", no Leases";
  if (!p.claims_readable) text += ", claims not readable";
  if (p.begin == beginning::stopped) {
    text += p.marked ? ", marked, stopped in the order" : ", not marked, stopped in the order";
    for (const int n : p.stop_order) text += " " + std::to_string(n);
  }
  text += ", clocks";
  for (const duration d : p.clocks) {
    text += " " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(d).count());
  }
  text += "; lost " + std::to_string(p.lost) + ", late " + std::to_string(p.late) + ", refused " +
          std::to_string(p.refused) + ", latency up to " + seconds(p.latency);
  return text;
}

plan draw_plan(std::uint64_t seed, int nodes) {
  dice luck(seed * 2 + 1);
  plan p{.seed = seed};
  p.nodes = draw_size(luck);
  if (nodes > 0) p.nodes = std::min(nodes, most_nodes);
  p.version = static_cast<release>(luck.below(3));
  p.version_told = luck.chance(0.7);
  p.seed_plugin = luck.chance(0.8);
  p.ordered_ready = luck.chance(0.3);
  p.claim_templates = luck.chance(0.9);
  p.leases = luck.chance(0.85);
  p.claims_readable = luck.chance(0.85);
  draw_beginning(luck, p);
  if (p.begin == beginning::stopped) p.claim_templates = true;
  p.clocks.resize(most_nodes);
  for (duration& d : p.clocks) d = luck.chance(0.5) ? luck.between(-600s, 600s) : 0s;
  p.spread = luck.chance(0.5) ? 2s : 20s;
  if (luck.chance(0.5)) {
    p.lost = luck.chance(0.5) ? 0.02 : 0.15;
    p.late = luck.chance(0.5) ? 0.02 : 0.15;
    p.refused = luck.chance(0.5) ? 0.01 : 0.1;
  }
  p.latency = luck.chance(0.8) ? 5ms : 400ms;
  draw_faults(luck, p);
  if (luck.chance(0.1)) draw_contention(luck, p);
  return p;
}

}  // namespace warren::simulation
