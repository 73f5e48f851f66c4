#include "tests/simulation/world.hpp"

#include "tests/simulation/stalemates.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

// Once faults have stopped: the longest that a healthy end may take. Mnesia and Khepri wait 300 s
// for others before their container starts again.
constexpr duration bound = 900s;
// And how long looks and requests get lost after that.
constexpr duration noisy_for = 300s;
constexpr duration steady_for = 5s;

}  // namespace

const std::string& node_name(int ordinal) {
  static const auto names = [] {
    std::array<std::string, most_nodes> all;
    for (int i = 0; i < most_nodes; ++i) {
      all[static_cast<std::size_t>(i)] = "rabbit@q-" + std::to_string(i);
    }
    return all;
  }();
  return names[static_cast<std::size_t>(ordinal)];
}

int ordinal_of(const std::string& node) {
  return node.empty() ? -1 : node.back() - '0';
}

world::world(plan p, const mutation* broken_, bool tell_story)
    : the(std::move(p)),
      broken(broken_),
      telling(tell_story),
      luck(the.seed * 2),
      api(*this),
      set(*this),
      check(*this) {}

void world::told(const std::string& who, const std::string& text) const {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.elapsed()).count();
  std::printf("%8.3f  %-10s %s\n", static_cast<double>(ms) / 1000, who.c_str(), text.c_str());
}

base::wall_time world::wall_of(int node) const {
  return base::wall_time(
             std::chrono::duration_cast<base::wall_time::duration>(time.now().time_since_epoch())) +
         the.clocks.at(network::at(node));
}

const stateful_set::endpoints& world::endpoints_for(int node) const {
  const auto& gap = gap_since_.at(network::at(node));
  return set.listed(gap ? *gap : time.now() - list_lag_);
}

void world::at_moment(int node, moment m, std::optional<domain::formation_act> act) {
  for (std::size_t i = 0; i < the.faults.size(); ++i) {
    const fault& f = the.faults[i];
    if (!f.when || f.node != node || f.when->at != m || armed_[i] == 0) continue;
    if (f.when->act && f.when->act != act) continue;
    if (--armed_[i] > 0) continue;
    if (time.elapsed() > the.calm_from) continue;
    if (f.at == duration{}) {
      hit(f);
    } else {
      time.after(f.at, [this, f] { hit(f); });
    }
  }
}

void world::schedule_faults() {
  for (const fault& f : the.faults) {
    armed_.push_back(f.when ? f.when->nth : 0);
    if (!f.when) time.after(f.at, [this, f] { hit(f); });
  }
}

void world::for_a_while(int& counter, duration d) {
  ++counter;
  time.after(d, [&counter] { --counter; });
}

void world::hit(const fault& f) {
  ++faults_hit_;
  tell("FAULT", [&] { return text_of(f); });
  pod* p = set.at(f.node);
  const std::size_t i = network::at(std::max(f.node, 0));
  switch (f.what) {
    case fault_kind::restart_worker:
    case fault_kind::restart_agent:
      if (p != nullptr) set.restart_agent(*p, f.what == fault_kind::restart_agent);
      break;
    case fault_kind::pause_agent:
      if (p != nullptr) p->agent.pause(f.length);
      break;
    case fault_kind::kill_broker:
      if (p != nullptr) p->broker.kill("killed");
      break;
    case fault_kind::replace_pod:
    case fault_kind::lose_disk:
      set.remove_pod(f.node, f.what == fault_kind::lose_disk);
      break;
    case fault_kind::replace_all:
      for (int n = 0; n < most_nodes; ++n) set.remove_pod(n, false);
      break;
    case fault_kind::lose_some_disks:
      for (int n = 0; n < most_nodes; ++n) set.remove_pod(n, has(f.nodes, n));
      break;
    case fault_kind::stop_all: {
      const int before = set.replicas();
      if (before == 0) break;  // and comes back as it was
      set.scale(0);
      time.after(f.length, [this, before] { set.scale(before); });
      break;
    }
    case fault_kind::scale:
      set.scale(f.nodes.front());
      break;
    case fault_kind::delete_leases:
      api.erase(lease_name::record);
      api.erase(lease_name::lock);
      break;
    case fault_kind::delete_lock:
      api.erase(lease_name::lock);
      break;
    case fault_kind::forbid_leases:
      for_a_while(api.leases_forbidden, f.length);
      break;
    case fault_kind::forbid_claims:
      for_a_while(api.claims_forbidden, f.length);
      break;
    case fault_kind::api_down:
      for_a_while(f.node < 0 ? net.api_down_for_all : net.api_down[i], f.length);
      break;
    case fault_kind::cut_off:
      for_a_while(net.cut_off[i], f.length);
      time.after(f.length, [this] { reconnected(); });
      break;
    case fault_kind::watch_gap:
      if (gap_since_[i]) break;
      gap_since_[i] = time.now() - list_lag_;
      time.after(f.length, [this, i] { gap_since_[i].reset(); });
      break;
    case fault_kind::unreadable_disk:
      if (p == nullptr) break;
      --p->readable;
      time.after(f.length, [p] { ++p->readable; });
      break;
  }
}

void world::reconnected() {
  for (const auto& p : set.pods()) {
    if (!p->gone) p->broker.catch_up();
  }
  check.changed();
}

void world::write_now_and_then() {
  check.write();
  time.after(luck.between(500ms, 1500ms), [this] { write_now_and_then(); });
}

// A person deletes the folder of a broker that never boots again.
void world::do_what_agents_ask() {
  for (int n = 0; n < set.replicas(); ++n) {
    pod* p = set.at(n);
    if (p == nullptr || !p->volume->half_made || p->broker.has_process()) continue;
    if (p->agent.last_step().reason.find("never boots again") == std::string::npos) continue;
    tell("PERSON", [&] { return "deletes the folder of broker " + std::to_string(n); });
    p->volume->delete_folder();
  }
}

outcome world::run() {
  list_lag_ = luck.chance(0.8) ? luck.between(10ms, 300ms) : luck.between(300ms, 4s);
  tell("PLAN", [&] { return "seed " + std::to_string(the.seed) + ": " + text_of(the); });
  for (const fault& f : the.faults) tell("PLAN", [&] { return text_of(f); });
  schedule_faults();
  time.after(the.calm_from + noisy_for, [this] { the.lost = the.late = the.refused = 0; });
  set.begin();
  write_now_and_then();
  outcome result;
  std::optional<time_point> settled_since;
  time_point next_look = time.now();
  while (check.violation().empty() && time.next()) {
    if (time.now() < next_look) continue;
    next_look = time.now() + 250ms;
    do_what_agents_ask();
    if (!check.settled()) {
      settled_since.reset();
    } else if (!settled_since) {
      settled_since = time.now();
    }
    const bool calm = time.elapsed() > the.calm_from;
    if (calm && settled_since && time.now() - *settled_since >= steady_for) {
      check.check_data();
      result.settled_after =
          std::max<duration>(*settled_since - timeline::begin - the.calm_from, {});
      break;
    }
    if (time.elapsed() > the.calm_from + bound) {
      result.stalemate = stalemate_of(*this);
      if (result.stalemate.empty()) check.violated("it has not become one cluster in time");
      break;
    }
  }
  result.violation = check.violation();
  result.faults = faults_hit_;
  if (!result.violation.empty()) {
    std::set<std::string> ends;
    for (int n = 0; n < most_nodes; ++n) {
      pod* p = set.at(n);
      if (p == nullptr) continue;
      std::string end = p->agent.last_step().reason;
      for (std::size_t at = end.find("rabbit@q-"); at != std::string::npos;
           at = end.find("rabbit@q-")) {
        end.replace(at, 10, "N");
      }
      for (std::size_t at = end.find("N, N"); at != std::string::npos; at = end.find("N, N")) {
        end.replace(at, 4, "N");
      }
      ends.insert(end.substr(0, 60));
      tell("END", [&] {
        const domain::formation_step& s = p->agent.last_step();
        return std::to_string(n) + ": " + s.reason +
               (s.problem.empty() ? "" : " [" + s.problem + "]");
      });
    }
    if (result.violation.find("in time") != std::string::npos) {
      for (const std::string& end : ends) result.violation += "\n      " + end;
    }
  }
  return result;
}

plan plan_of(const mutation* broken, std::uint64_t seed, int nodes) {
  plan p = draw_plan(seed, nodes);
  if (broken != nullptr && broken->where) broken->where(p);
  for (const fault& f : p.faults) {
    p.calm_from = std::max(p.calm_from, f.when ? longest_moment : f.at + f.length);
  }
  return p;
}

outcome run_plan(const plan& p, const mutation* broken, bool tell_story) {
  world w(p, broken, tell_story);
  return w.run();
}

}  // namespace warren::simulation
