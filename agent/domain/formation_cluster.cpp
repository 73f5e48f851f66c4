#include "agent/domain/formation_context.hpp"
#include "agent/domain/words.hpp"

#include <algorithm>

// Going into a cluster: the own one that is to be founded, or one that runs.
namespace warren::domain::formation {

bool is_founding(const cluster_record* record) {
  return record != nullptr && !record->founded && !record->founder.empty();
}

formation_step found_cluster(const context& c, std::string why, std::string overruled) {
  const formation_view& v = c.view;
  // Before others wait for this node.
  if (!v.conf_conflict.empty()) return wait(v.conf_conflict, "FormationWaiting");
  const cluster_record* record = c.record();
  const bool own = is_founding(record) && record->founder_uid == v.pod_uid;
  // Written by this very process, so that nobody can have taken it over since.
  const bool written = own && !v.written_version.empty() && v.record.value &&
                       v.written_version == v.record.value->resource_version;
  const domain::mark founding{.node = v.node, .state = mark_state::founding};
  // Before the record, so that who finds its own name there without the mark has lost its disk.
  if (c.mark() == nullptr || *c.mark() != founding) {
    formation_step step{.act = formation_act::write_mark, .reason = std::move(why)};
    step.mark = founding;
    return under_lock(c, std::move(step));
  }
  if (v.leases && !written) {
    cluster_record next{.founder = v.node, .founder_uid = v.pod_uid};
    if (own) next.overruled = record->overruled;
    if (!overruled.empty()) next.overruled = std::move(overruled);
    return write_under_lock(c, std::move(next), std::move(why));
  }
  return go_in(c, founding, door_kind::found, std::move(why));
}

formation_step join_cluster(const context& c, const running_cluster& cluster) {
  const formation_view& v = c.view;
  const cluster_record* record = c.record();
  const bool lists = cluster.lists(v.node);
  // By what was read last, however long ago: what was begun has to be completed.
  const bool begun = v.leases && v.record.value && v.record.value->record &&
                     v.record.value->record->forgetting == v.node;
  if (lists || begun) {
    const std::size_t others = cluster.members.size() - (lists ? 1 : 0);
    const bool pair = others == 1 && cluster.running.size() == 1;
    const bool done = v.forgotten && !lists;
    if (!done && !cluster.has_majority() && !(pair && cluster.store == metadata_store::mnesia)) {
      return wait(pair ? "its disk was lost, and the other member alone has no majority to forget "
                         "it; 'rabbitmqctl force_standalone_khepri_boot' on " +
                             cluster.running.front() + " makes it a cluster of one"
                       : "its disk was lost, and only " + some_of(cluster.running) + " of " +
                             some_of(cluster.members) + " run, which is no majority to forget it",
                  "QuorumLost");
    }
    if (v.leases && !c.record_known()) {
      return wait(
          "the cluster still lists this node, whose disk was lost, and the record cannot "
          "be read");
    }
    if (const std::string early = about_to_be_member(c, cluster); lists && !early.empty()) {
      return wait("its disk was lost; waits for the agent of " + early + " to note that it joined");
    }
    if (v.leases && !begun) {
      cluster_record next = record != nullptr ? *record : cluster_record{};
      if (record == nullptr) {
        next = {.founded = true, .cluster_id = cluster.id, .members = cluster.members};
      }
      next.forgetting = v.node;
      return write_under_lock(c, std::move(next), "its disk was lost: forgets what it was");
    }
    if (!v.forgotten || lists) {
      formation_step step{.act = formation_act::forget, .reason = "forgets what it was"};
      step.via = cluster.running.front();
      return under_lock(c, std::move(step));
    }
    cluster_record next = *record;
    next.forgetting.clear();
    std::erase(next.members, v.node);
    return write_under_lock(c, std::move(next), "what it was is forgotten");
  }
  const bool founder_runs =
      record != nullptr && std::ranges::binary_search(cluster.running, record->founder);
  const std::string target = founder_runs ? record->founder : cluster.running.front();
  return go_in_to(c, target, &cluster, "joins " + target);
}

}  // namespace warren::domain::formation
