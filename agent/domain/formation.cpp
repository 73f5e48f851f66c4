#include "agent/domain/formation.hpp"

#include "agent/domain/formation_context.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace warren::domain {
namespace {

using formation::context;

// Whether the broker of `m` belongs to a cluster; unknown: it stands alone, and that may be a
// cluster of one or a node that has not joined yet.
knowledge is_member(const context& c, const formation_member& m) {
  const broker_facts& broker = *m.broker.value;
  if (broker.cluster->members.size() > 1) return knowledge::yes;
  if (formation::is_recorded(c, broker)) return knowledge::yes;
  const agent_facts* agent = formation::agent_of(c, m);
  if (agent == nullptr) return knowledge::unknown;
  if (agent->mark) {
    return agent->mark->state == mark_state::joining ? knowledge::no : knowledge::yes;
  }
  // Who joins has a mark: this one had its data before Warren came.
  return agent->has_data == knowledge::yes ? knowledge::yes : knowledge::unknown;
}

void insert_sorted(std::vector<std::string>& names, const std::vector<std::string>& more) {
  std::vector<std::string> all;
  std::ranges::set_union(names, more, std::back_inserter(all));
  names = std::move(all);
}

// The cluster among `clusters` that a member with these facts belongs to; a new one if none.
running_cluster& cluster_for(std::vector<running_cluster>& clusters, const broker_facts& broker) {
  for (running_cluster& known : clusters) {
    const bool both_told = !known.id.empty() && !broker.cluster_id.empty();
    if (both_told ? known.id == broker.cluster_id
                  : std::ranges::any_of(broker.cluster->members, [&](const std::string& node) {
                      return known.lists(node);
                    })) {
      return known;
    }
  }
  return clusters.emplace_back();
}

clusters_seen clusters_among(const context& c) {
  clusters_seen result;
  for (const formation_member& m : c.view.members) {
    if (formation::presence_of(c, m) != presence::runs) continue;
    const broker_facts& broker = *m.broker.value;
    if (broker.boot != boot_state::ready || !broker.cluster || broker.cluster->members.empty()) {
      continue;
    }
    const knowledge member = is_member(c, m);
    if (member == knowledge::unknown) result.unclear = m.node;
    if (member != knowledge::yes) continue;
    running_cluster& cluster = cluster_for(result.clusters, broker);
    if (cluster.id.empty()) cluster.id = broker.cluster_id;
    if (cluster.store == metadata_store::unknown) cluster.store = broker.store;
    insert_sorted(cluster.members, broker.cluster->members);
    insert_sorted(cluster.running, {m.node});
  }
  return result;
}

context context_of(const formation_view& view, const formation_settings& settings,
                   base::time_point now, bool since_lock = false) {
  context c{view, settings, now, since_lock, {}};
  c.seen = clusters_among(c);
  return c;
}

formation_step step_in(const context& c) {
  return c.view.gate_open ? formation::after_opening(c) : formation::before_opening(c);
}

// What needs the lock and is decided while it is held counts only if it is decided as well by what
// was looked at since. Until that is done, and not for longer than `enough`, it waits.
formation_step confirmed(const context& c, formation_step step) {
  constexpr base::duration enough = std::chrono::seconds(4);
  formation_step again = step_in(context_of(c.view, c.settings, c.now, true));
  if (again.under_lock || c.now - *c.view.lock_taken_at >= enough) return again;
  step.act = formation_act::wait;
  return step;
}

}  // namespace

std::string_view name(formation_act a) {
  switch (a) {
    case formation_act::wait:
      return "wait";
    case formation_act::take_lock:
      return "take-lock";
    case formation_act::drop_lock:
      return "drop-lock";
    case formation_act::write_record:
      return "write-record";
    case formation_act::write_mark:
      return "write-mark";
    case formation_act::write_door:
      return "write-door";
    case formation_act::open:
      return "open";
    case formation_act::forget:
      return "forget";
    case formation_act::join:
      break;
  }
  return "join";
}

bool running_cluster::lists(std::string_view node) const {
  return std::ranges::binary_search(members, node);
}

clusters_seen clusters_of(const formation_view& view, const formation_settings& settings,
                          base::time_point now) {
  return context_of(view, settings, now).seen;
}

knowledge told_data(const formation_view& view) {
  if (!view.disk.current()) return knowledge::unknown;
  const disk_view& disk = *view.disk.value;
  if (disk.has_data != knowledge::no) return disk.has_data;
  // With Leases, founding begins with the record; the mark is written a moment before.
  const bool founding = disk.mark && disk.mark->state == mark_state::founding && !view.leases;
  const bool member = disk.mark && disk.mark->state == mark_state::member;
  if (founding || member || view.gate_open || view.lock_taken_at) return knowledge::unknown;
  if (!view.door.current() || *view.door.value) return knowledge::unknown;
  if (view.leases) {
    // Its own founding may have been written by a process that is no more.
    if (!view.record.current()) return knowledge::unknown;
    const auto& record = view.record.value->record;
    if (record && !record->founded && record->founder_uid == view.pod_uid) {
      return knowledge::unknown;
    }
  }
  return knowledge::no;
}

bool is_outside(const formation_view& view, const formation_settings& settings,
                base::time_point now) {
  return formation::outside(context_of(view, settings, now));
}

formation_step next_step(const formation_view& view, const formation_settings& settings,
                         base::time_point now) {
  const context c = context_of(view, settings, now);
  formation_step step = step_in(c);
  if (step.under_lock && c.holds_lock()) step = confirmed(c, std::move(step));
  const bool idle_lock = view.lock_taken_at && !step.under_lock;
  if (idle_lock && step.act == formation_act::wait) step.act = formation_act::drop_lock;
  return step;
}

}  // namespace warren::domain
