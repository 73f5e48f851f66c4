#include "agent/snapshot_store.hpp"

#include <algorithm>

namespace warren::agent {
namespace {

// A list without the own node is not of this cluster.
const domain::peer_list* pods_of(const domain::world_view& world) {
  if (!world.peers.current()) return nullptr;
  const auto& peers = world.peers.value->peers;
  const bool lists_own = std::ranges::binary_search(peers, world.node, {}, &domain::peer::node);
  return lists_own ? &*world.peers.value : nullptr;
}

}  // namespace

void look_at_cluster(snapshot& known, base::time_point now) {
  const domain::formation_view& view = known.formation;
  const bool marked = view.disk.current() && view.disk.value->mark;
  const auto sights =
      domain::cluster_sights(known.world.node, view.broker,
                             marked ? view.disk.value->mark : std::nullopt, known.sights, now);
  const bool recorded = view.record.value && view.record.value->record;
  const std::string id = recorded && view.record.value->record->founded
                             ? view.record.value->record->cluster_id
                             : std::string();
  known.cluster = domain::picture_of(sights, id, pods_of(known.world));
  domain::problem_list found = domain::find_problems(
      known.world.node, known.gate_mode ? &known.decision : nullptr, known.cluster);
  known.world.problems = domain::advance_problems(known.world.problems, std::move(found), now);
}

void snapshot_store::advance(base::time_point now) {
  advance_gate(now);
  if (current_.peers_revision != matched_revision_ && current_.world.peers.value) {
    matched_revision_ = current_.peers_revision;
    domain::match(current_.sights, *current_.world.peers.value, current_.world.node);
  }
  const domain::broker_view& broker = current_.world.broker;
  current_.clocks = domain::advance_clocks(current_.clocks, broker, health_, now);
  current_.world.hung = domain::is_hung(current_.clocks, health_, now);
}

// The time to boot counts from the step to may_start, whoever made it.
void snapshot_store::advance_gate(base::time_point now) {
  domain::gate_view& gate = current_.world.gate;
  const bool opens = current_.may_start && !could_start_;
  could_start_ = current_.may_start;
  if (opens) {
    gate.waited = now - current_.clocks.opened_at.value_or(now);
    current_.clocks.opened_at = now;
  }
  if (current_.may_start) current_.formation.person.reset();
  gate.wired = current_.gate_mode;
  if (!gate.wired) return;
  gate.open = current_.may_start;
  gate.person = current_.formation.person;
  if (current_.decision.act == domain::formation_act::open) gate.why = current_.decision.reason;
  const auto& disk = current_.formation.disk;
  gate.founds =
      disk.current() && disk.value->mark && disk.value->mark->state == domain::mark_state::founding;
  // Without a decision there is no reason yet.
  std::string& held_back = current_.world.broker.held_back;
  held_back = gate.open ? "" : current_.decision.reason;
  if (!gate.open && held_back.empty()) held_back = "nothing is decided yet";
}

}  // namespace warren::agent
