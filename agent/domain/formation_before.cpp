#include "agent/domain/formation_context.hpp"
#include "agent/domain/words.hpp"

#include <algorithm>

namespace warren::domain::formation {
namespace {

constexpr std::string_view split = "ClusterSplitDetected";
constexpr std::string_view stale = "StaleData";
constexpr std::string_view waiting = "FormationWaiting";

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

formation_step stale_data(const std::string& why) {
  return wait(why +
                  "; if this data is not needed, stop the pod and delete its claim (or empty the "
                  "data folder), and the node joins as a new one",
              std::string(stale));
}

// Whether another node's founding still stands: only its own pod can say that it never began, or
// its successor that nothing came of it.
bool stands(const context& c, const cluster_record& record) {
  const formation_member* founder = c.member(record.founder);
  return founder == nullptr || data_of(c, *founder) != knowledge::no;
}

// Whether any of the others may found by the record, which this agent cannot read.
bool may_use_leases(const context& c, const std::vector<std::string>& others) {
  return std::ranges::any_of(others, [&](const std::string& node) {
    const formation_member* m = c.member(node);
    if (m == nullptr || !m->pod_uid) return false;
    return !c.fresh(m->agent) || m->agent.value->leases != knowledge::no;
  });
}

// Whether its broker runs, or is about to as a founder's.
bool may_run(const context& c, const formation_member* m) {
  if (m == nullptr || presence_of(c, *m) == presence::runs) return true;
  const agent_facts* agent = agent_of(c, *m);
  return agent != nullptr &&
         (agent->gate_open || (agent->mark && agent->mark->state == mark_state::founding));
}

// A node without data, while no cluster runs.
formation_step found_or_wait(const context& c) {
  const formation_view& v = c.view;
  if (!c.known(v.expected)) {
    const std::string why = v.expected.last_error ? ": " + v.expected.last_error->text() : "";
    return wait("how many members are expected is not known" + why +
                    "; let the Role get the StatefulSet, or set WARREN_EXPECTED_MEMBERS",
                why.empty() ? "" : std::string(waiting));
  }
  if (std::ranges::find(*v.expected.value, v.node) == v.expected.value->end()) {
    return wait("it is none of the expected members, so it founds nothing");
  }
  if (v.leases && !c.record_known()) {
    const std::string why = v.record.last_error ? ": " + v.record.last_error->text() : "";
    return wait("the cluster's record cannot be read" + why,
                why.empty() ? "" : std::string(waiting));
  }
  const cluster_record* record = c.record();
  if (is_founding(record) && record->founder_uid == v.pod_uid) {
    return found_cluster(c, "goes on founding the cluster");
  }
  if (is_founding(record) && record->founder != v.node && stands(c, *record)) {
    const formation_member* founder = c.member(record->founder);
    if (founder == nullptr || !founder->pod_uid) {
      return wait(record->founder + " was founding the cluster and its pod is gone; waiting for it",
                  std::string(waiting));
    }
    return go_in_to(c, record->founder, nullptr,
                    "joins " + record->founder + ", which founds the cluster");
  }
  std::vector<std::string> holders;
  std::size_t may = 0;
  const std::vector<std::string> others = other_members(c);
  // Mark and record say that this node was founding: those who join it have joined nothing yet.
  const bool was_founding = c.mark() != nullptr && c.mark()->state == mark_state::founding;
  const bool has_lost_mark = is_founding(record) && record->founder == v.node;
  for (const std::string& node : others) {
    const formation_member* m = c.member(node);
    const knowledge known = m == nullptr ? knowledge::unknown : data_of(c, *m);
    const bool runs =
        m == nullptr || (presence_of(c, *m) != presence::runs_not && !stands_aside(c, *m));
    // With its disk this node may have lost a cluster that somebody had just joined.
    const bool virgin = was_founding || (has_lost_mark && known == knowledge::unknown);
    const bool waits = virgin && m != nullptr && joins(c, *m, v.node);
    if (waits || (known == knowledge::no && !runs)) continue;
    holders.push_back(node);
    if (known == knowledge::unknown && !may_run(c, m)) ++may;
  }
  const bool most = c.settings.majority_founds && may == holders.size() &&
                    (others.size() + 1 - holders.size()) * 2 > others.size() + 1;
  if (!holders.empty() && !most) return wait_for_data(c, holders);
  if (!v.leases && !is_lowest_expected(c)) {
    return wait("no member has data; waiting for " + v.expected.value->front() +
                " to found the cluster");
  }
  if (!v.leases && may_use_leases(c, others)) {
    return wait(
        "this agent may not use Leases and others may, or do not say; let the Role get, "
        "create and update leases",
        std::string(waiting));
  }
  if (holders.empty()) return found_cluster(c, "no member has data: founds the cluster");
  return found_cluster(
      c, "founds the cluster although " + some_of(holders) + " may hold data (found-when majority)",
      "found-when majority: " + some_of(holders));
}

// A node without data.
formation_step without_data(const context& c) {
  const auto& clusters = c.seen.clusters;
  if (clusters.size() > 1) {
    return wait("two clusters run: " + some_of(clusters[0].running) + " and " +
                    some_of(clusters[1].running) +
                    "; 'warren gate join NODE' names the one to join",
                std::string(split));
  }
  if (clusters.size() == 1) {
    const cluster_record* record = c.record();
    const bool differs = record != nullptr && record->founded && !record->cluster_id.empty() &&
                         !clusters[0].id.empty() && record->cluster_id != clusters[0].id;
    if (differs) {
      return wait("the cluster that runs on " + some_of(clusters[0].running) +
                      " is not the one of the record (" + some_of(record->members) + ")",
                  std::string(split));
    }
    return join_cluster(c, clusters[0]);
  }
  if (!c.seen.unclear.empty()) {
    return wait(c.seen.unclear +
                    " runs alone, and its agent does not say whether it founded a "
                    "cluster",
                std::string(waiting));
  }
  return found_or_wait(c);
}

// Why a node with data must not start, or nothing.
std::string why_stale(const context& c) {
  const domain::mark* mark = c.mark();
  for (const running_cluster& cluster : c.seen.clusters) {
    if (cluster.has_majority() && !cluster.lists(c.view.node)) {
      return "this node has data, but the cluster that runs on " + some_of(cluster.running) +
             " does not list it";
    }
  }
  const cluster_record* record = c.record();
  if (record == nullptr) return {};
  // Nobody founds beside data, if no person says so: then it is that cluster's data.
  const bool beside = is_founding(record) && !record->overruled.empty();
  if (beside && record->founder != c.view.node && stands(c, *record)) {
    return "this node has data, but " + record->founder + " is founding a new cluster";
  }
  if (!record->founded) return {};
  const bool other_id = mark != nullptr && !mark->cluster_id.empty() &&
                        !record->cluster_id.empty() && mark->cluster_id != record->cluster_id;
  if (other_id) {
    return "the data of this node are of another cluster than the record's (if all nodes have been "
           "restored from a backup, delete the Lease that ends in -record)";
  }
  const bool recorded = std::ranges::binary_search(record->members, c.view.node);
  if (mark == nullptr && !recorded) {
    return "this node has data, but the record names other members: " + some_of(record->members);
  }
  return {};
}

// True once every other node was looked at, or there was time enough to.
bool looked_around(const context& c) {
  const base::time_point since = c.since_lock ? *c.view.lock_taken_at : c.view.began;
  if (c.now - since >= c.settings.first_look) return true;
  if (!c.known(c.view.peers) || (c.view.leases && !c.record_known())) return false;
  return std::ranges::all_of(c.view.members, [&](const formation_member& m) {
    return !m.pod_uid || c.fresh(m.broker) || m.broker.last_error;
  });
}

formation_step with_data(const context& c) {
  if (!looked_around(c)) return wait("looks for a cluster that does not list this node");
  if (const std::string why = why_stale(c); !why.empty()) return stale_data(why);
  const domain::door door{.kind = door_kind::closed, .pod_uid = c.view.pod_uid};
  if (!c.view.door.current() || *c.view.door.value != door) {
    formation_step step{.act = formation_act::write_door, .reason = "it has its data"};
    step.door = door;
    return step;
  }
  return {.act = formation_act::open, .reason = "it has its data"};
}

// Whether the founder that the record names has gone so far that no late write of the record takes
// it away: it writes the record anew before its door.
bool has_begun(const context& c, const formation_member& founder) {
  const agent_facts* agent = agent_of(c, founder);
  return agent != nullptr && agent->door && agent->door->kind == door_kind::found;
}

// The mark says that this node was founding the cluster, and has not been a member yet. The mark
// was written before the record: where the record still names this node, nobody else has founded,
// and those whose doors lead here have joined nothing.
formation_step resume_founding(const context& c) {
  const cluster_record* record = c.record();
  // Nobody has joined a broker that has not finished its first boot.
  const disk_view& disk = *c.view.disk.value;
  const bool data = disk.has_data == knowledge::yes && !disk.unfinished;
  const bool replaced =
      record != nullptr && !record->founder.empty() && record->founder != c.view.node;
  const bool other_runs = std::ranges::any_of(
      c.seen.clusters, [&](const running_cluster& r) { return !r.lists(c.view.node); });
  // A write of this node's own may still be on its way, and then it is the founder after all.
  const formation_member* founder = replaced ? c.member(record->founder) : nullptr;
  const bool early = founder != nullptr && founder->pod_uid && is_founding(record) &&
                     stands(c, *record) && !has_begun(c, *founder);
  if (early && !data && c.seen.clusters.empty()) {
    return wait("was founding the cluster, and the record now names " + record->founder +
                ", which has not begun yet");
  }
  if (replaced || other_runs) {
    return data ? stale_data("this node was founding the cluster, and another one did")
                : without_data(c);
  }
  if (!looked_around(c)) return wait("was founding the cluster; looks for another one");
  if (data) {
    // Nobody founds beside it.
    if (const std::string why = why_stale(c); !why.empty()) return stale_data(why);
    return go_in(c, *c.mark(), door_kind::found, "goes on founding the cluster");
  }
  const bool own = is_founding(record) && record->founder == c.view.node;
  const bool other_data = std::ranges::any_of(c.view.members, [&](const formation_member& m) {
    return data_of(c, m) == knowledge::yes && !joins(c, m, c.view.node);
  });
  if (own && !other_data) return found_cluster(c, "goes on founding the cluster");
  return without_data(c);
}

// The mark says that this node was joining, and has not been a member yet. With data it may have
// booted alone, or joined just before its agent ended: then the others may wait for it. Both boot
// without a door, and one that booted alone stands aside until it joins.
formation_step resume_joining(const context& c) {
  if (c.view.disk.value->has_data == knowledge::no) return without_data(c);
  std::string target = c.mark()->target;
  for (const running_cluster& cluster : c.seen.clusters) {
    if (!std::ranges::binary_search(cluster.running, target)) target = cluster.running.front();
  }
  return go_in_by_calls(c, target, "goes on joining " + target);
}

formation_step by_person(const context& c) {
  const overrule& person = *c.view.person;
  if (c.view.disk.value->has_data != knowledge::no) {
    return wait("a person asked to " + std::string(person.found ? "found" : "join") +
                " a cluster, but this node has data or may have; empty " + quoted("--data-dir") +
                " first");
  }
  if (c.view.leases && !c.record_known()) {
    return wait("a person's order waits until the record can be read", std::string(waiting));
  }
  const cluster_record* record = c.record();
  const bool others =
      person.found && is_founding(record) && record->founder != c.view.node && stands(c, *record);
  if (others) {
    return wait("a person asked to found a cluster, but " + record->founder +
                    " founds one; 'warren gate join " + record->founder + "' joins it",
                std::string(waiting));
  }
  const auto& seen = c.seen.clusters;
  if (person.found && !seen.empty()) {
    return wait("a person asked to found a cluster, but one runs on " +
                    some_of(seen.front().running) + " by now; 'warren gate join NODE' joins it",
                std::string(waiting));
  }
  const std::string note = person.found ? c.view.node + " founds: gate found"
                                        : c.view.node + " joins " + person.target + ": gate join";
  if (c.record_known() && (person.found || record != nullptr)) {
    cluster_record next = record != nullptr ? *record : cluster_record{};
    if (person.found && next.founder_uid != c.view.pod_uid) {
      next = {.founder = c.view.node, .founder_uid = c.view.pod_uid};
    }
    next.overruled = note;
    if (c.record() == nullptr || *c.record() != next) {
      formation_step step{.act = formation_act::write_record, .reason = "a person says so"};
      step.record = std::move(next);
      return step;
    }
  }
  if (person.found) {
    return go_in(c, {.node = c.view.node, .state = mark_state::founding}, door_kind::found,
                 "a person says so");
  }
  const auto cluster = std::ranges::find_if(seen, [&](const running_cluster& r) {
    return std::ranges::binary_search(r.running, person.target);
  });
  return go_in_to(c, person.target, cluster == seen.end() ? nullptr : &*cluster,
                  "a person says so");
}

}  // namespace

formation_step before_opening(const context& c) {
  const formation_view& v = c.view;
  if (c.fresh(v.broker) && v.broker.value->state == presence::runs) {
    return {.act = formation_act::open, .reason = "its broker runs already"};
  }
  if (!v.pod_uid.empty() && v.door.current() && *v.door.value &&
      (*v.door.value)->pod_uid == v.pod_uid) {
    return {.act = formation_act::open, .reason = "it has opened in this pod before"};
  }
  if (!v.disk.current()) {
    return wait(v.disk.last_error ? v.disk.last_error->text()
                                  : "the data folder was not looked at");
  }
  const disk_view& disk = *v.disk.value;
  if (disk.has_data == knowledge::unknown) return wait(disk.detail, "DataFolderUnreadable");
  if (v.door.last_error) return wait(v.door.last_error->text(), std::string(waiting));
  if (disk.has_data == knowledge::no) {
    if (std::string why = data_elsewhere(c); !why.empty()) {
      return wait(std::move(why), "DataFolderUnreadable");
    }
  }
  if (v.person) return by_person(c);
  if (disk.has_data == knowledge::no && !disk.other_nodes.empty()) {
    return stale_data("the data folder belongs to " + some_of(disk.other_nodes) + ", not to " +
                      v.node);
  }
  const domain::mark* mark = c.mark();
  if (mark != nullptr && mark->state == mark_state::founding) return resume_founding(c);
  if (mark != nullptr && mark->state == mark_state::joining) return resume_joining(c);
  if (disk.has_data == knowledge::yes) return with_data(c);
  if (mark != nullptr && c.seen.clusters.empty()) {
    return wait(
        "the mark beside the data folder says that this node was a member, and its data "
        "are gone; if they are lost, delete .warren-mark.json there",
        std::string(stale));
  }
  return without_data(c);
}

}  // namespace warren::domain::formation
