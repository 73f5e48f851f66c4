#include "tests/simulation/stalemates.hpp"

#include "tests/simulation/world.hpp"

#include <algorithm>
#include <map>

namespace warren::simulation {
namespace {

struct lineage {
  node_set members;  // by the newest configuration that is left
  node_set holders;  // whose disks are left
  node_set ready;
  long config = -1;
};

std::map<std::string, lineage> lineages_of(world& w) {
  std::map<std::string, lineage> found;
  for (int n = 0; n < most_nodes; ++n) {
    const disk* d = w.set.volume(n);
    if (d == nullptr) continue;
    if (d->joining) add(found[*d->joining].holders, n);
    if (!d->db) continue;
    const bool aside =
        d->db->members == node_set{n} && d->mark && d->mark->state == domain::mark_state::joining;
    if (aside) continue;
    lineage& l = found[d->db->cluster_id];
    add(l.holders, n);
    const broker* b = w.set.broker_at(n);
    if (b != nullptr && b->ready()) add(l.ready, n);
    if (d->db->config > l.config) {
      l.config = d->db->config;
      l.members = d->db->members;
    }
  }
  return found;
}

// Mnesia: it waits for others that are all lost, and does not know those that joined after it.
bool knows_nobody(world& w, const lineage& l, int node) {
  const disk* d = w.set.volume(node);
  if (w.the.version == release::v4_3 || has(l.ready, node) || !d->db) return false;
  return std::ranges::all_of(d->db->members,
                             [&](int n) { return n == node || !has(l.holders, n); }) &&
         std::ranges::any_of(d->db->members,
                             [&](int n) { return n != node && !has(d->db->seen_down, n); });
}

bool quorum_lost(world& w, const lineage& l) {
  std::size_t left = 0;
  for (const int n : l.members) {
    // Those that are scaled away still count as members.
    const bool comes = has(l.holders, n) && n < w.set.replicas() && !knows_nobody(w, l, n);
    left += comes ? 1 : 0;
  }
  // Mnesia: the survivor may forget the other, whose agent has to be there for that.
  const bool pair_survives = l.members.size() == 2 && !l.ready.empty() &&
                             w.the.version != release::v4_3 && l.members.back() < w.set.replicas();
  return left * 2 <= l.members.size() && !pair_survives;
}

bool last_one_lost(world& w, const lineage& l) {
  if (w.the.version == release::v4_3 || !l.ready.empty() || l.members.empty()) return false;
  // Each that is left waits for one that is lost.
  for (const int n : l.members) {
    if (!has(l.holders, n) || n >= w.set.replicas()) continue;
    bool waits = false;
    for (const int other : l.members) {
      const bool there = has(l.holders, other) && other < w.set.replicas();
      waits = waits || (!there && !has(w.set.volume(n)->db->seen_down, other));
    }
    if (!waits) return false;
  }
  return true;
}

bool waits_closed(pod* p) {
  return p != nullptr && p->agent.alive() && !p->agent.view().gate_open &&
         p->agent.last_step().act == domain::formation_act::wait;
}

}  // namespace

std::string stalemate_of(world& w) {
  const auto lineages = lineages_of(w);
  for (const auto& [id, l] : lineages) {
    if (quorum_lost(w, l)) return "quorum lost";
    if (last_one_lost(w, l)) return "last one lost";
  }
  bool all_there = true;
  bool some_closed = false;
  for (int n = 0; n < w.set.replicas(); ++n) {
    all_there = all_there && w.set.at(n) != nullptr;
    some_closed = some_closed || waits_closed(w.set.at(n));
  }
  if (w.the.ordered_ready && !all_there && some_closed) return "ordered";
  const api_answer record = w.api.get(lease_name::record);
  int founder = -1;
  if (record.what && record.what->record) founder = ordinal_of(record.what->record->founder);
  const bool founding = founder >= 0 && !record.what->record->founded;
  if (founding && founder >= w.set.replicas()) return "founder scaled away";
  if (some_closed && w.set.claim_exists(w.set.replicas())) return "scaled away";
  const bool readable = w.the.claims_readable;
  for (const auto& name : w.api.last_members()) {
    const bool away = ordinal_of(name) >= w.set.replicas();
    if (some_closed && !readable && away) return "scaled away";
  }
  for (int n = 0; n < w.set.replicas(); ++n) {
    pod* p = w.set.at(n);
    if (p == nullptr || !p->conf || p->conf->target.empty()) continue;
    if (p->broker.ready() && !p->broker.stands_aside()) continue;
    const int target = ordinal_of(p->conf->target);
    const disk* there = w.set.volume(target);
    const bool left = target >= w.set.replicas() || waits_closed(w.set.at(target));
    if (left && w.set.ever_lost(target) && (there == nullptr || !there->db)) return "founder lost";
  }
  for (int n = 0; n < w.set.replicas(); ++n) {
    const pod* p = w.set.at(n);
    const bool plain = p != nullptr && !p->has_warren && p->broker.ready();
    if (plain && p->broker.db()->members.size() == 1) return "alone without an agent";
  }
  return {};
}

}  // namespace warren::simulation
