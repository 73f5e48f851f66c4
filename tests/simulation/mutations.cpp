#include "tests/simulation/mutations.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

using base::time_point;
using domain::agent_facts;
using domain::formation_act;
using domain::formation_member;
using domain::formation_step;
using domain::formation_view;
using domain::knowledge;
using domain::mark_state;

// The record as it was last read; null if there is none.
domain::cluster_record* record_of(formation_view& v) {
  if (!v.record.value || !v.record.value->record) return nullptr;
  return &*v.record.value->record;
}

bool founds_elsewhere(const formation_view& v, const domain::cluster_record& r) {
  return !r.founded && r.founder_uid != v.pod_uid;
}

template <class T>
void renew(base::observed<T>& look, time_point now) {
  if (look.value) look.saw(T(*look.value), now);
}

void hold_lock(formation_view& v, time_point now) {
  v.lock_taken_at = now - 5s;  // all looks count
  v.lock_until = now + 10s;
}

void without_lock(const formation_view& v, formation_step& s) {
  if (s.act == formation_act::drop_lock && !v.lock_taken_at) s.act = formation_act::wait;
}

void own_founding_is_written(formation_view& v, time_point now) {
  if (v.gate_open || !v.disk.value || !v.disk.value->mark || !v.record.value) return;
  if (v.disk.value->mark->state != mark_state::founding || v.record.value->record) return;
  domain::record_view believed = *v.record.value;
  believed.record = domain::cluster_record{.founder = v.node, .founder_uid = v.pod_uid};
  v.written_version = believed.resource_version = "0";
  v.record.saw(std::move(believed), now);
}

void silent_is_empty(formation_view& v, time_point now) {
  for (formation_member& m : v.members) {
    if (!m.pod_uid || (m.agent.current() && now - *m.agent.seen_at < 5s)) continue;
    m.agent.saw({.pod_uid = *m.pod_uid, .has_data = knowledge::no}, now);
  }
}

void unreadable_is_virgin(formation_view& v, time_point now) {
  if (v.disk.value && v.disk.value->has_data != knowledge::unknown) return;
  v.disk.saw({.has_data = knowledge::no}, now);
}

// And the nodes that nothing else tells of.
void drop_record(formation_view& v) {
  v.record.value->record.reset();
  std::erase_if(v.members, [&](const formation_member& m) {
    const bool expected =
        v.expected.value && std::ranges::find(*v.expected.value, m.node) != v.expected.value->end();
    return !expected && !m.pod_uid && !m.claim.value;
  });
}

void ignore_record(formation_view& v, time_point) {
  const domain::cluster_record* r = record_of(v);
  if (r != nullptr && r->founder_uid != v.pod_uid) drop_record(v);
}

void ignore_founding(formation_view& v, time_point) {
  const domain::cluster_record* r = record_of(v);
  if (r != nullptr && founds_elsewhere(v, *r)) drop_record(v);
}

void failed_list_is_empty(formation_view& v, time_point now) {
  if (!v.peers.last_error) return;
  v.peers.saw(true, now);
  for (formation_member& m : v.members) {
    m.pod_uid.reset();
    m.claim.saw(false, now);
  }
}

void no_pod_is_no_data(formation_view& v, time_point now) {
  for (formation_member& m : v.members) {
    if (!m.pod_uid) m.claim.saw(false, now);
  }
}

void dead_is_empty(formation_view& v, time_point now) {
  for (formation_member& m : v.members) {
    const bool dead = m.broker.value && m.broker.value->state == domain::presence::runs_not;
    if (!dead || !m.pod_uid) continue;
    agent_facts f = m.agent.value ? *m.agent.value : agent_facts{.pod_uid = *m.pod_uid};
    f.has_data = knowledge::no;
    m.agent.saw(std::move(f), now);
  }
}

void only_running_members_count(formation_view& v, time_point) {
  for (formation_member& m : v.members) {
    if (!m.broker.value || !m.broker.value->cluster) continue;
    domain::membership& c = *m.broker.value->cluster;
    std::vector<std::string> counted = c.running;
    const bool listed = std::ranges::binary_search(c.members, v.node);
    if (listed && !std::ranges::binary_search(counted, v.node)) counted.push_back(v.node);
    std::ranges::sort(counted);
    c.members = std::move(counted);
  }
}

// What was stopped while it joined is no member, whatever its disk says.
void stopped_is_no_member(formation_view& v, time_point) {
  const bool stopped = v.broker.value && v.broker.value->boot == domain::boot_state::stopped;
  if (stopped && v.gate_open && v.disk.value) v.disk.value->has_data = knowledge::no;
}

void joiners_are_members(formation_view& v, time_point) {
  for (formation_member& m : v.members) {
    if (!m.agent.value || !m.agent.value->mark) continue;
    domain::mark& mark = *m.agent.value->mark;
    if (mark.state == mark_state::joining) mark.state = mark_state::member;
  }
}

void ignore_running(formation_view& v, time_point now) {
  for (formation_member& m : v.members) {
    if (!m.pod_uid || !m.broker.value) continue;
    m.broker.value->state = domain::presence::runs_not;
    m.agent.saw({.pod_uid = *m.pod_uid, .has_data = knowledge::no}, now);
  }
}

void looked_long_ago(formation_view& v, time_point now) {
  if (v.lock_taken_at) v.lock_taken_at = now - 5s;
}

void old_looks_count(formation_view& v, time_point now) {
  renew(v.peers, now);
  renew(v.record, now);
  for (formation_member& m : v.members) {
    renew(m.claim, now);
    renew(m.agent, now);
    renew(m.broker, now);
  }
}

void listed_are_expected(formation_view& v, time_point now) {
  std::vector<std::string> nodes = {v.node};
  std::erase_if(v.members, [](const formation_member& m) { return !m.pod_uid; });
  for (const formation_member& m : v.members) nodes.push_back(m.node);
  std::ranges::sort(nodes);
  v.expected.saw(std::move(nodes), now);
}

void tells_its_disk(const formation_view& v, agent_facts& f) {
  if (v.disk.value) f.has_data = v.disk.value->has_data;
}

bool is_mark(const formation_step& s, mark_state state) {
  return s.act == formation_act::write_mark && s.mark.state == state;
}

// Whoever founds is scaled away, and nothing tells of its claim but the record.
void founder_scaled_away(plan& p) {
  p.begin = beginning::fresh;
  p.nodes = std::max(p.nodes, 3);
  p.leases = p.claim_templates = true;
  p.claims_readable = p.ordered_ready = false;
  p.faults.clear();
  for (int n = 1; n < p.nodes; ++n) {
    const trigger looks{.at = moment::broker_looks};
    p.faults.push_back({.what = fault_kind::scale, .node = n, .when = looks, .nodes = {1}});
  }
}

// One is left, without its disk; nothing tells of the others' claims but the record.
void one_left_without_disk(plan& p) {
  p.begin = beginning::stopped;
  p.nodes = std::max(p.nodes, 3);
  p.marked = p.leases = p.claim_templates = true;
  p.claims_readable = false;
  p.faults = {{.what = fault_kind::scale, .at = 1s, .nodes = {1}},
              {.what = fault_kind::lose_disk, .at = 10s}};
}

// Each pod is made anew, with its disk, when it has opened.
void replaced_as_it_opens(plan& p) {
  p.begin = beginning::fresh;
  p.nodes = std::max(p.nodes, 3);
  p.leases = p.claim_templates = p.claims_readable = true;
  p.ordered_ready = false;
  p.faults.clear();
  for (int n = 0; n < p.nodes; ++n) {
    const trigger opened{.at = moment::step_done, .act = formation_act::open};
    p.faults.push_back({.what = fault_kind::replace_pod, .node = n, .when = opened});
  }
}

void clocks_agree(formation_view& view, time_point /*now*/) {
  view.wall_now += std::chrono::hours(24);
}

void is_4_0(plan& p) {
  p.version = release::v4_0;
  p.version_told = true;
}

std::vector<mutation> list_all() {
  return {
      {.name = "skips the lock", .seed = 3, .view = hold_lock, .step = without_lock},
      {.name = "founds without writing the record ahead",
       .seed = 2,
       .where = founder_scaled_away,
       .view = own_founding_is_written},
      {.name = "founds without a mark",
       .seed = 2,
       .where = replaced_as_it_opens,
       .stalls = true,
       .skips = [](const auto& s) { return is_mark(s, mark_state::founding); }},
      {.name = "joins without a mark",
       .seed = 3,
       .skips = [](const auto& s) { return is_mark(s, mark_state::joining); }},
      {.name = "takes a silent peer for an empty one", .seed = 213, .view = silent_is_empty},
      {.name = "takes an unreadable folder for a virgin one",
       .seed = 188,
       .view = unreadable_is_virgin},
      {.name = "takes a peer whose broker does not run for an empty one",
       .seed = 3,
       .view = dead_is_empty},
      {.name = "ignores the record",
       .seed = 1,
       .where = one_left_without_disk,
       .view = ignore_record},
      {.name = "ignores that another one is founding",
       .seed = 3,
       .where = founder_scaled_away,
       .view = ignore_founding},
      {.name = "ignores marks of before", .seed = 46, .old_marks_ignored = true},
      {.name = "lets the broker's retries end", .seed = 200, .retries_end = true},
      {.name = "takes a failed list of peers for an empty one",
       .seed = 61,
       .view = failed_list_is_empty},
      {.name = "takes a missing pod for an empty one", .seed = 38, .view = no_pod_is_no_data},
      {.name = "expects those that are listed", .seed = 241, .view = listed_are_expected},
      {.name = "forgets without a majority", .seed = 289, .view = only_running_members_count},
      {.name = "forgets a stopped broker that may be a member",
       .seed = 110,
       .view = stopped_is_no_member},
      {.name = "does not wait for joiners to be members", .seed = 30, .view = joiners_are_members},
      {.name = "ignores peers that run", .seed = 2, .view = ignore_running},
      {.name = "does not confirm looks under the lock", .seed = 148, .view = looked_long_ago},
      {.name = "takes old looks for new", .seed = 148, .view = old_looks_count},
      {.name = "ignores the clocks", .seed = 1, .where = is_4_0, .view = clocks_agree},
      {.name = "says that it has no data while it founds", .seed = 3, .told = tells_its_disk},
  };
}

}  // namespace

const std::vector<mutation>& all_mutations() {
  static const std::vector<mutation> all = list_all();
  return all;
}

}  // namespace warren::simulation
