#include "tests/simulation/reenactment.hpp"

#include <algorithm>

namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

plan plan_of(const event_log& log) {
  plan p{.nodes = log.nodes, .version = log.version};
  p.clocks.resize(most_nodes);
  return p;
}

std::vector<std::string> names_of(const node_set& nodes) {
  std::vector<std::string> names;
  for (const int n : nodes) names.push_back(node_name(n));
  return names;
}

std::string text_of(const std::vector<std::string>& nodes) {
  std::string text;
  for (const std::string& n : nodes)
    text += (text.empty() ? "" : " ") + std::to_string(ordinal_of(n));
  return "{" + text + "}";
}

}  // namespace

reenactment::reenactment(const event_log& log, bool tell_story)
    : w_(plan_of(log), nullptr, tell_story), latest_(timeline::begin) {}

bool reenactment::until(const std::function<bool()>& condition) {
  // Something that happens by then, so that time gets there.
  if (w_.time.now() < latest_) w_.time.after(latest_ - w_.time.now(), [] {});
  while (!condition()) {
    if (w_.time.now() >= latest_ || !w_.time.next()) return false;
  }
  return true;
}

// How far what is about to be cut short had come.
void reenactment::go_on_for_a_while() {
  constexpr duration most = 6s;  // longer than a boot or a join without waits
  const duration left = latest_ - slack - w_.time.now();
  if (left <= 0s || w_.luck.chance(0.5)) return;
  go_on_for(w_.luck.between(0s, std::min(left, most)));
}

void reenactment::go_on_for(duration length) {
  const time_point end = w_.time.now() + length;
  w_.time.after(length, [] {});
  while (w_.time.now() < end && w_.time.next()) {
  }
}

// On a busy machine one broker does in a moment what another needs seconds for. Those that the
// event is about go on.
void reenactment::hold_some(const log_event& e) {
  const bool some = w_.luck.chance(0.7);
  for (int n = 0; n < most_nodes; ++n) {
    if (at(n) == nullptr) continue;
    const auto last = seen_.find(e.node);
    const bool is_new = has(e.members, n) && (last == seen_.end() || !has(last->second.members, n));
    const bool held = w_.luck.chance(0.8);
    at(n)->broker.hold(some && held && n != e.node && !is_new);
  }
}

std::string reenactment::next(const log_event& e, std::uint64_t luck) {
  w_.luck = dice(luck);
  hold_some(e);
  latest_ = timeline::begin + e.at + slack;
  w_.tell("LOG", [&] { return simulation::text_of(e); });
  if (e.kind == log_kind::pod_made) {
    if (at(e.node) != nullptr) return "its pod is there already";
    w_.set.place(e.node, true);
    return "";
  }
  const bool of_disk = e.kind == log_kind::disk_lost || e.kind == log_kind::folder_deleted ||
                       e.kind == log_kind::holds;
  if (of_disk) return change_disk(e);
  if (at(e.node) == nullptr) return "it has no pod";
  switch (e.kind) {
    case log_kind::broker_begins:
      return begin(e);
    case log_kind::pod_gone:
    case log_kind::broker_killed:
    case log_kind::broker_stopped:
    case log_kind::broker_ended:
      return end(e);
    case log_kind::stops_app:
    case log_kind::joins:
      return stop_app(e);
    case log_kind::starts_app:
      return start_app(e);
    case log_kind::forgets:
      return forget(e);
    case log_kind::forced_boot:
    case log_kind::forced_standalone:
      return change_disk(e);
    default:
      return see(e);
  }
}

std::string reenactment::begin(const log_event& e) {
  pod& p = *at(e.node);
  const std::size_t i = network::at(e.node);
  if (p.broker.has_process()) return "its process has not ended";
  p.conf = e.door;
  w_.the.clocks[i] = e.clock;
  if (forced_[i] && p.broker.db() != nullptr) {
    // As if all others had stopped before it.
    database& db = *p.broker.db();
    db.seen_down = db.members;
    remove(db.seen_down, e.node);
  }
  forced_[i] = stopping_[i] = false;
  began_at_[i] = e.at;
  // Brokers choose by who began first.
  go_on_for(1ms);
  joined_[i].reset();
  seen_.erase(e.node);
  p.broker.start();
  return "";
}

// Boots that the model never gives up: when the node that is joined ends (seen on 4.0.5 and 4.3.6);
// and those of Mnesia with data beside each other, now and then ("Schema update error ... Cannot
// create Mnesia dir", seen on 4.0.5).
bool reenactment::may_give_up(const pod& p) const {
  if (seen_.contains(p.ordinal)) return false;
  if (w_.the.version != release::v4_3 && ran_.contains(p.ordinal)) return true;
  if (!p.conf || p.conf->target.empty()) return false;
  const std::size_t target = network::at(ordinal_of(p.conf->target));
  return ended_at_[target] > began_at_[network::at(p.ordinal)];
}

std::string reenactment::end(const log_event& e) {
  pod& p = *at(e.node);
  const std::size_t i = network::at(e.node);
  if (e.kind == log_kind::broker_killed || e.kind == log_kind::broker_stopped) go_on_for_a_while();
  if (e.kind == log_kind::broker_stopped && w_.luck.chance(0.5)) {
    stopping_[i] = true;  // it ends when its process does
    return "";
  }
  if (e.kind == log_kind::broker_ended && !e.asked && !may_give_up(p)) {
    if (!until([&] { return !p.broker.has_process(); })) {
      return "it does not end by itself: " + state_of(e.node);
    }
  }
  seen_.erase(e.node);
  ended_at_[i] = e.at;
  p.broker.kill(name(e.kind));
  if (e.kind == log_kind::pod_gone) w_.set.end(p, false);
  return "";
}

std::string reenactment::change_disk(const log_event& e) {
  pod* p = at(e.node);
  if (e.kind == log_kind::disk_lost) {
    if (p != nullptr) return "its pod is still there";
    w_.set.remove_pod(e.node, true);
    ran_.erase(e.node);
    return "";
  }
  disk* own = w_.set.volume(e.node);
  if (own == nullptr) return "it has no disk";
  if (e.kind == log_kind::forced_boot) {
    forced_[network::at(e.node)] = true;
  } else if (e.kind == log_kind::folder_deleted) {
    own->delete_folder();
    ran_.erase(e.node);
  } else if (e.kind == log_kind::holds) {
    auto [known, is_new] = model_of_.try_emplace(e.cluster);
    if (is_new) known->second = "c" + std::to_string(++w_.clusters_made);
    own->db = database{.cluster_id = known->second, .members = e.members, .finished = true};
  } else if (own->db) {
    own->db->members = {e.node};
    ++own->db->config;
  }
  return "";
}

std::string reenactment::stop_app(const log_event& e) {
  broker& b = at(e.node)->broker;
  const std::size_t i = network::at(e.node);
  joined_[i].reset();
  if (!until([&] { return b.ready(); }))
    return "it is not ready to be stopped: " + state_of(e.node);
  seen_.erase(e.node);
  b.stop_app([this, &b, i, e](bool stopped) {
    if (!stopped || e.kind != log_kind::joins) return;
    b.join_by_call(e.other, [this, i](bool ok) { joined_[i] = ok; });
  });
  if (!until([&] { return b.app_stopped(); })) return "it does not stop: " + state_of(e.node);
  return "";
}

std::string reenactment::start_app(const log_event& e) {
  broker& b = at(e.node)->broker;
  const std::size_t i = network::at(e.node);
  if (!until([&] { return joined_[i].has_value() || !b.app_stopped(); }) || !b.app_stopped()) {
    return "it is not stopped: " + state_of(e.node);
  }
  b.start_app([](bool) {});
  return "";
}

std::string reenactment::forget(const log_event& e) {
  broker& via = at(e.node)->broker;
  if (until([&] { return via.forget(e.other); })) return "";
  return "it does not forget: " + state_of(e.node);
}

bool reenactment::shows(const log_event& e, bool who_runs) const {
  const domain::broker_facts f = w_.set.current(e.node)->broker.facts();
  if (!f.cluster || f.cluster->members != names_of(e.members)) return false;
  if (who_runs && f.cluster->running != names_of(e.running)) return false;
  const auto known = model_of_.find(e.cluster);
  if (known != model_of_.end()) return known->second == f.cluster_id;
  return std::ranges::none_of(model_of_,
                              [&](const auto& pair) { return pair.second == f.cluster_id; });
}

std::string reenactment::see(const log_event& e) {
  const broker& b = at(e.node)->broker;
  until([&] { return !b.has_process() || shows(e, false); });
  if (!b.has_process() || !shows(e, false)) return state_of(e.node);
  model_of_[e.cluster] = b.db()->cluster_id;
  seen_[e.node] = e;
  ran_.insert(e.node);
  return "";
}

std::string reenactment::settle(duration end_of_log, std::uint64_t luck) {
  w_.luck = dice(luck);
  latest_ = timeline::begin + end_of_log + slack;
  for (const auto& p : w_.set.pods()) p->broker.hold(false);
  const auto all_shown = [this] {
    return std::ranges::all_of(seen_, [this](const auto& s) { return shows(s.second, true); });
  };
  if (until(all_shown)) return "";
  std::string text;
  for (const auto& [node, e] : seen_)
    text += "\n      " + state_of(node) + "; " + simulation::text_of(e);
  return "it does not become what was seen at the end:" + text;
}

std::string reenactment::state_of(int node) const {
  const broker& b = w_.set.current(node)->broker;
  const std::string who = "the model's broker " + std::to_string(node);
  if (!b.has_process()) return who + " has ended";
  const domain::broker_facts f = b.facts();
  if (f.cluster) {
    return who + " lists " + text_of(f.cluster->members) + ", sees " + text_of(f.cluster->running) +
           " run, cluster " + f.cluster_id;
  }
  if (b.app_stopped()) return who + " is stopped";
  return who + " boots";
}

}  // namespace warren::simulation
