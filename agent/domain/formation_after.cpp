#include "agent/domain/formation_context.hpp"
#include "agent/domain/words.hpp"

#include <algorithm>

namespace warren::domain::formation {
namespace {

// The own broker's facts, once it runs as a member of some cluster; null before.
const broker_facts* running_broker(const context& c) {
  if (!c.fresh(c.view.broker)) return nullptr;
  const broker_facts& broker = *c.view.broker.value;
  const bool runs = broker.state == presence::runs && broker.boot == boot_state::ready &&
                    broker.cluster && !broker.cluster->members.empty();
  return runs ? &broker : nullptr;
}

// The broker reads its door only when it begins.
formation_step restarted(formation_step step) {
  step.restart = step.act == formation_act::write_door;
  // It opened long ago.
  if (step.act == formation_act::open) step.act = formation_act::wait;
  return step;
}

// Whether it can forget a member: a majority runs or, on Mnesia, the one that is left of two.
bool can_forget(const running_cluster& cluster) {
  if (cluster.has_majority()) return true;
  return cluster.store == metadata_store::mnesia && cluster.members.size() == 2;
}

// It booted alone, and no cluster is to be seen that it could join.
formation_step alone(const context& c) {
  const std::string& target = c.mark()->target;
  const std::string why = "it runs alone, and waits for " + target + " to join it";
  if (c.now - c.view.door_since < c.settings.door_timeout) return wait(why);
  return wait(why + "; if " + target +
                  " does not come back, delete this pod and its claim, for it holds nothing yet",
              "FormationWaiting");
}

// Makes the own broker, whose application runs alone or is stopped, join by calls. Only this
// broker's data of a first boot are thrown away.
formation_step join_by_calls(const context& c) {
  const bool stopped = c.view.broker.value->boot == boot_state::stopped;
  if (stopped && c.seen.clusters.empty()) {
    // The target does not run, so that nothing comes of it but that the broker is started again.
    formation_step step{.act = formation_act::join, .reason = "its broker is stopped: starts it"};
    step.via = c.mark()->target;
    return under_lock(c, std::move(step));
  }
  if (c.seen.clusters.size() != 1) {
    return c.seen.clusters.empty()
               ? alone(c)
               : wait("it runs alone, and two clusters run beside it", "ClusterSplitDetected");
  }
  const running_cluster& cluster = c.seen.clusters.front();
  const bool there = std::ranges::binary_search(cluster.running, c.mark()->target);
  formation_step step{.act = formation_act::join};
  step.via = there ? c.mark()->target : cluster.running.front();
  step.reason = "joins " + step.via;
  // It ended while it joined: the cluster lists it, and Mnesia then refuses it. A stopped one that
  // has data may be a member already, and joining it again changes nothing.
  const bool no_member = !stopped || c.view.disk.value->has_data == knowledge::no;
  if (cluster.lists(c.view.node) && cluster.store == metadata_store::mnesia && no_member) {
    if (!can_forget(cluster)) {
      return wait("the cluster lists it, though it never became a member, and only " +
                      some_of(cluster.running) + " of " + some_of(cluster.members) +
                      " run, which is no majority to forget that",
                  "QuorumLost");
    }
    if (const std::string early = about_to_be_member(c, cluster); !early.empty()) {
      return wait("waits for the agent of " + early + " to note that it joined");
    }
    step.act = formation_act::forget;
    step.reason = "the cluster lists it, but it never became a member: forgets that";
  }
  return under_lock(c, std::move(step));
}

// Its broker has not booted.
formation_step while_joining(const context& c) {
  const formation_view& v = c.view;
  const domain::mark& mark = *c.mark();
  formation_step boots = wait("its broker boots, to join " + mark.target);
  const bool runs = c.fresh(v.broker) && v.broker.value->state == presence::runs;
  // Its agent ended while it joined by calls.
  if (runs && v.broker.value->boot == boot_state::stopped) return join_by_calls(c);
  if (c.seen.clusters.empty() && c.now - v.boots_since >= c.settings.door_timeout) {
    boots.problem = "FormationWaiting";
  }
  if (!v.door.current() || !*v.door.value || c.seen.clusters.size() != 1) return boots;
  const domain::door& door = **v.door.value;
  const running_cluster& cluster = c.seen.clusters.front();
  if (runs && !v.door_read) {
    if (v.restarting) return wait("its broker is restarted, to join " + door.target);
    formation_step again{.act = formation_act::write_door,
                         .reason = "its broker must read its door"};
    again.door = door;
    again.restart = true;
    return again;
  }
  const bool door_leads = std::ranges::binary_search(cluster.running, door.target);
  if (!door_leads && c.now - v.door_since >= c.settings.door_timeout) {
    const std::string& other = cluster.running.front();
    return restarted(go_in_to(c, other, &cluster, "joins " + other + " instead"));
  }
  // Mnesia refuses a node that its cluster lists. One that was ended while it joined waits, or
  // boots and fails, for ever; a join that is only slow must be let be.
  const bool virgin = v.disk.value->has_data == knowledge::no;
  const bool refused = virgin && cluster.lists(v.node) && cluster.store == metadata_store::mnesia;
  const bool ended = v.disk.value->unfinished;
  const base::duration patience = c.settings.door_timeout * (refused ? 1 : 10);
  const bool stuck = runs && (refused || ended) && v.broker.value->boot == boot_state::booting &&
                     c.now - v.boots_since >= patience;
  if (door_leads && stuck && can_forget(cluster) && door.kind != door_kind::join_by_calls) {
    const std::string why = "its broker does not get in: joins " + door.target + " by calls";
    return restarted(go_in_by_calls(c, door.target, why));
  }
  return boots;
}

formation_step write_record(cluster_record record, std::string reason) {
  formation_step step{.act = formation_act::write_record, .reason = std::move(reason)};
  step.record = std::move(record);
  return step;
}

formation_step another_cluster(const membership& seen, const cluster_record& record) {
  return wait(
      "it runs in another cluster (" + some_of(seen.members) + ") than the record's (" +
          some_of(record.founded ? record.members : std::vector<std::string>{record.founder}) +
          "); stop the pods of the cluster that is not wanted and delete their claims",
      "ClusterSplitDetected");
}

// A first boot takes seconds. On Mnesia alone: with Khepri a broker that looks for its target has
// begun a folder too.
bool is_cut_short(const context& c) {
  constexpr base::duration longest_boot = std::chrono::minutes(1);
  const disk_view& disk = *c.view.disk.value;
  return disk.unfinished && disk.has_tables && c.now - c.view.unfinished_since >= longest_boot;
}

formation_step cut_short(const context& c) {
  return wait(
      "its broker has not finished its first boot for a minute; one that was killed while it "
      "made its tables never boots again: then delete the folder " +
          c.view.node + " in " + c.view.data_dir,
      "FormationWaiting");
}

// Whether the record as it was read last is of another cluster.
bool is_elsewhere(const context& c, const broker_facts& broker) {
  const auto& known = c.view.record.value;
  return known && known->record && known->record->founded && !known->record->cluster_id.empty() &&
         !broker.cluster_id.empty() && known->record->cluster_id != broker.cluster_id;
}

// Whether no node is left that the record's cluster could be on: all that are recorded, expected or
// have a claim run in this one or hold no data. So it is where Leases could not be used while all
// data were lost and this cluster was founded.
bool nobody_else(const context& c, const membership& seen) {
  if (!c.known(c.view.expected)) return false;
  return std::ranges::all_of(other_members(c), [&](const std::string& node) {
    const formation_member* m = c.member(node);
    return std::ranges::binary_search(seen.running, node) ||
           (m != nullptr && data_of(c, *m) == knowledge::no);
  });
}

// The record says what the cluster is. The first running member of a majority keeps it so.
formation_step keep_record(const context& c, const broker_facts& broker) {
  const formation_view& v = c.view;
  const membership& seen = *broker.cluster;
  const std::string in = "is a member of the cluster of " + some_of(seen.members);
  const bool first = !seen.running.empty() && seen.running.front() == v.node &&
                     seen.running.size() * 2 > seen.members.size();
  const bool elsewhere = is_elsewhere(c, broker);
  const bool takes_over = elsewhere && c.record_known() && first && nobody_else(c, seen);
  // However long ago it was read.
  if (elsewhere && !takes_over) return another_cluster(seen, *v.record.value->record);
  if (!c.record_known() || broker.cluster_id.empty()) return wait(in);
  const cluster_record* record = c.record();
  const bool names_none = record != nullptr && !record->founded && record->founder.empty();
  if (record == nullptr || names_none) {
    if (!first) return wait(in);
    return write_record({.founded = true, .cluster_id = broker.cluster_id, .members = seen.members},
                        "takes the running cluster into the record");
  }
  const bool own_founding = record->founder == v.node;
  const bool ours = record->founded
                        ? record->cluster_id == broker.cluster_id
                        : own_founding || std::ranges::binary_search(seen.members, record->founder);
  if (!ours && !takes_over) return another_cluster(seen, *record);
  cluster_record next = *record;
  if (takes_over) next = {};
  next.founded = true;
  next.cluster_id = broker.cluster_id;
  next.members = seen.members;
  // It joined while the record could not be read.
  const bool own_forgetting = next.forgetting == v.node;
  if (own_forgetting) next.forgetting.clear();
  const bool keeper = own_forgetting || (record->founded ? first : own_founding || first);
  if (next == *record || !keeper) return wait(in);
  return write_record(std::move(next),
                      record->founded ? "the members have changed" : "the cluster is founded");
}

}  // namespace

formation_step after_opening(const context& c) {
  const formation_view& v = c.view;
  if (!v.disk.current()) {
    return wait(v.disk.last_error ? v.disk.last_error->text()
                                  : "the data folder was not looked at");
  }
  const broker_facts* broker = running_broker(c);
  const domain::mark* mark = c.mark();
  const bool joining = mark != nullptr && mark->state == mark_state::joining;
  if (mark == nullptr && v.disk.value->has_data == knowledge::unknown) {
    return wait(v.disk.value->detail, "DataFolderUnreadable");
  }
  if (mark == nullptr || mark->state != mark_state::member) {
    if (broker == nullptr) {
      formation_step step = joining ? while_joining(c) : wait("its broker boots");
      return step.act == formation_act::wait && is_cut_short(c) ? cut_short(c) : step;
    }
    if (joining && broker->cluster->members.size() == 1) return join_by_calls(c);
    if (broker->cluster_id.empty()) return wait("the id of its cluster is not known yet");
    const cluster_record* record = c.record();
    if (joining && record != nullptr && record->founded &&
        record->cluster_id != broker->cluster_id) {
      return another_cluster(*broker->cluster, *record);
    }
    formation_step step{.act = formation_act::write_mark, .reason = "it is a member now"};
    step.mark = {.node = v.node, .state = mark_state::member, .cluster_id = broker->cluster_id};
    return step;
  }
  if (broker == nullptr) return wait("its broker boots");
  const domain::door closed{.kind = door_kind::closed, .pod_uid = v.pod_uid};
  if (v.door.current() && *v.door.value != closed) {
    formation_step step{.act = formation_act::write_door,
                        .reason = "it is a member: its door is not needed any more"};
    step.door = closed;
    return step;
  }
  return keep_record(c, *broker);
}

bool outside(const context& c) {
  if (!c.view.gate_open) return false;
  const broker_facts* broker = running_broker(c);
  const domain::mark* mark = c.mark();
  if (mark == nullptr) return false;
  // Also while it boots alone: a client that came then would find its queues gone.
  const bool by_calls = c.view.door.current() && *c.view.door.value &&
                        (*c.view.door.value)->kind == door_kind::join_by_calls;
  if (mark->state == mark_state::joining && broker == nullptr) return by_calls;
  if (broker == nullptr) return false;
  if (mark->state == mark_state::joining) return broker->cluster->members.size() == 1;
  return is_elsewhere(c, *broker);
}

}  // namespace warren::domain::formation
