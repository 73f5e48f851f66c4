#include "tests/simulation/stateful_set.hpp"

#include "tests/simulation/world.hpp"

namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

constexpr duration between_ticks = 500ms;

}  // namespace

pod::pod(world& w, int ordinal_, std::string uid_, std::shared_ptr<disk> volume_, bool has_warren_)
    : ordinal(ordinal_),
      uid(std::move(uid_)),
      volume(std::move(volume_)),
      has_warren(has_warren_),
      broker(w, *this),
      agent(w, *this) {}

stateful_set::stateful_set(world& w) : w_(w), replicas_(w.the.nodes) {
  lists_.emplace_back(timeline::begin, endpoints{});
}

void stateful_set::begin() {
  for (time_point& t : not_before_) t = timeline::begin + w_.luck.between(0s, w_.the.spread);
  if (w_.the.begin != beginning::fresh) seed_cluster();
  if (w_.the.begin == beginning::plain) {
    for (int i = 0; i < replicas_; ++i) make(i, false);
    w_.time.after(w_.luck.between(2s, 8s), [this] { roll(); });
  }
  tick();
}

// A cluster of before, as its members left it.
void stateful_set::seed_cluster() {
  const plan& p = w_.the;
  const std::string id = "c" + std::to_string(++w_.clusters_made);
  database db{.cluster_id = id, .data = 10, .finished = true};
  for (int i = 0; i < p.nodes; ++i) db.members.push_back(i);
  node_set stopped;
  const bool stops = p.begin == beginning::stopped;
  for (const int n : p.stop_order) {
    auto volume = std::make_shared<disk>(disk{.owner = n, .db = db});
    volume->db->seen_down = stops ? stopped : node_set{};
    add(stopped, n);
    // A majority still took writes.
    const auto left = static_cast<std::size_t>(p.nodes) - stopped.size();
    if (stops && left * 2 > static_cast<std::size_t>(p.nodes)) ++db.data;
    if (stops && p.marked) {
      volume->mark = domain::mark{.node = node_name(n), .cluster_id = id};
    }
    claims_[index(n)] = volume;
  }
  if (!stops || !p.marked || !p.leases) return;
  domain::cluster_record record{.founded = true, .cluster_id = id, .founder = node_name(0)};
  for (const int n : db.members) record.members.push_back(node_name(n));
  w_.api.create(lease_name::record, {.record = record});
}

pod* stateful_set::at(int ordinal) {
  return ordinal < 0 || ordinal >= most_nodes ? nullptr : current_[index(ordinal)];
}

pod* stateful_set::with_uid(const std::string& uid) {
  for (const auto& p : pods_) {
    if (p->uid == uid) return p.get();
  }
  return nullptr;
}

broker* stateful_set::broker_at(int ordinal) {
  pod* p = at(ordinal);
  return p == nullptr ? nullptr : &p->broker;
}

disk* stateful_set::volume(int ordinal) {
  if (pod* p = at(ordinal); p != nullptr) return p->volume.get();
  return claims_[index(ordinal)].get();
}

bool stateful_set::claim_exists(int ordinal) const {
  const bool in_range = ordinal >= 0 && ordinal < most_nodes;
  return in_range && w_.the.claim_templates && claims_[index(ordinal)] != nullptr;
}

bool stateful_set::complete() {
  for (int i = 0; i < most_nodes; ++i) {
    const pod* p = at(i);
    if ((p != nullptr) != (i < replicas_)) return false;
    if (p != nullptr && (p->terminating || !p->has_warren)) return false;
  }
  return true;
}

const stateful_set::endpoints& stateful_set::listed(time_point when) const {
  for (auto list = lists_.rbegin(); list != lists_.rend(); ++list) {
    if (list->first <= when) return list->second;
  }
  return lists_.front().second;
}

void stateful_set::list_changed() {
  endpoints now{};
  for (int i = 0; i < most_nodes; ++i) {
    if (const pod* p = at(i); p != nullptr) now[index(i)] = p->uid;
  }
  lists_.emplace_back(w_.time.now(), now);
}

pod& stateful_set::place(int ordinal, bool has_warren) {
  auto& claim = claims_[index(ordinal)];
  if (claim == nullptr || (!w_.the.claim_templates && made_ >= replicas_)) {
    claim = std::make_shared<disk>(disk{.owner = ordinal});
  }
  const std::string uid = "u" + std::to_string(++made_);
  pods_.push_back(std::make_unique<pod>(w_, ordinal, uid, claim, has_warren));
  pod& p = *pods_.back();
  current_[index(ordinal)] = &p;
  restarts_[index(ordinal)] = 0;
  list_changed();
  w_.tell("pod " + std::to_string(ordinal), [&] { return "made, uid " + uid; });
  return p;
}

void stateful_set::make(int ordinal, bool has_warren) {
  pod& p = place(ordinal, has_warren);
  w_.time.after(w_.luck.between(100ms, 2s), [&p] {
    if (p.terminating || p.gone) return;
    if (p.has_warren) {
      p.agent.start();
    } else {
      p.broker_allowed = true;
      p.broker.start();
    }
  });
}

void stateful_set::tick() {
  w_.time.after(between_ticks, [this] { tick(); });
  for (int i = most_nodes - 1; i >= 0; --i) {
    const pod* p = at(i);
    if (p == nullptr || i < replicas_) continue;
    if (!p->terminating) remove_pod(i, false);
    if (w_.the.ordered_ready) return;
  }
  for (int i = 0; i < replicas_; ++i) {
    const pod* p = at(i);
    if (p == nullptr && w_.time.now() >= not_before_[index(i)]) {
      make(i, true);
      p = at(i);
    }
    // Ready is that its broker answers a ping.
    if (w_.the.ordered_ready && (p == nullptr || !p->broker.runs())) return;
  }
}

// Warren is added to the pods, the highest first.
void stateful_set::roll() {
  bool all_run = true;
  for (int i = 0; i < replicas_; ++i) {
    const pod* p = at(i);
    all_run = all_run && p != nullptr && !p->terminating && p->broker.ready() &&
              !p->broker.stands_aside();
  }
  for (int i = most_nodes - 1; all_run && i >= 0; --i) {
    const pod* p = at(i);
    if (p == nullptr || p->has_warren) continue;
    remove_pod(i, false);
    break;
  }
  if (!complete()) w_.time.after(w_.luck.between(500ms, 3s), [this] { roll(); });
}

void stateful_set::lose(const std::shared_ptr<disk>& volume) {
  if (volume == nullptr || volume->lost) return;
  volume->lost = true;
  lost_[index(volume->owner)] = true;
  w_.check.disk_lost(*volume);
}

void stateful_set::remove_pod(int ordinal, bool with_claim) {
  pod* p = at(ordinal);
  if (p == nullptr) {
    if (!with_claim) return;
    lose(claims_[index(ordinal)]);
    claims_[index(ordinal)].reset();
    return;
  }
  if (p->terminating) return;
  p->terminating = true;
  w_.tell("pod " + std::to_string(ordinal),
          [&] { return std::string("is deleted") + (with_claim ? " with its claim" : ""); });
  const duration grace = w_.luck.between(0ms, 1500ms);
  w_.time.after(w_.luck.between(0ms, grace), [p] { p->broker.kill("its pod ends"); });
  w_.time.after(grace, [this, p, with_claim] { end(*p, with_claim); });
}

void stateful_set::end(pod& p, bool with_claim) {
  p.broker.kill("its pod ends");
  p.agent.kill();
  p.gone = true;
  const std::size_t i = index(p.ordinal);
  current_[i] = nullptr;
  if (with_claim || !w_.the.claim_templates) {
    lose(p.volume);
    claims_[i].reset();
  }
  not_before_[i] = w_.time.now() + w_.luck.between(50ms, 1s);
  list_changed();
  w_.tell("pod " + std::to_string(p.ordinal), [&] { return "is gone, uid " + p.uid; });
}

void stateful_set::restart_agent(pod& p, bool whole_container) {
  if (!p.agent.alive()) return;
  p.agent.kill();
  if (whole_container) p.guard_open = false;
  w_.tell("agent " + std::to_string(p.ordinal),
          [&] { return std::string(whole_container ? "its container ends" : "its worker ends"); });
  const duration wait = whole_container ? w_.luck.between(500ms, 15s) : w_.luck.between(50ms, 1s);
  w_.time.after(wait, [&p] {
    if (!p.gone && !p.agent.alive()) p.agent.start();
  });
}

void stateful_set::gate_opened(pod& p) {
  if (p.broker_allowed) return;
  p.broker_allowed = true;
  w_.time.after(w_.luck.between(50ms, 1500ms), [&p] { p.broker.start(); });
}

void stateful_set::broker_ended(pod& p) {
  if (p.terminating || p.gone || !p.broker_allowed) return;
  const int before = restarts_[index(p.ordinal)]++;
  const duration back_off = before == 0
                                ? w_.luck.between(300ms, 2s)
                                : std::min<duration>(10s * (1 << std::min(before - 1, 3)), 60s);
  w_.time.after(back_off, [&p] { p.broker.start(); });
}

}  // namespace warren::simulation
