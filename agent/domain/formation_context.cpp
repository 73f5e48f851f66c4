#include "agent/domain/formation_context.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <tuple>
#include <utility>

namespace warren::domain::formation {
namespace {

// A wall clock is believed to be past the start of a broker only by this much: it may be set back.
constexpr base::duration clock_margin = std::chrono::milliseconds(500);
// A clock that is behind by no more than this is waited for.
constexpr base::duration clock_patience = std::chrono::seconds(3);

using release = std::pair<int, int>;
constexpr release not_known{0, 0};

// {4, 3} of "4.3.6".
release release_of(const std::string& version) {
  const std::size_t dot = version.find('.');
  if (dot == std::string::npos) return not_known;
  return {std::atoi(version.c_str()), std::atoi(version.c_str() + dot + 1)};
}

}  // namespace

const cluster_record* context::record() const {
  if (!record_known() || !view.record.value->record) return nullptr;
  return &*view.record.value->record;
}

const formation_member* context::member(const std::string& node) const {
  const auto at = std::ranges::find(view.members, node, &formation_member::node);
  return at == view.members.end() ? nullptr : &*at;
}

const domain::mark* context::mark() const {
  if (!view.disk.current() || !view.disk.value->mark) return nullptr;
  return &*view.disk.value->mark;
}

formation_step wait(std::string reason, std::string problem) {
  return {.reason = std::move(reason), .problem = std::move(problem)};
}

formation_step under_lock(const context& c, formation_step step) {
  step.under_lock = true;
  if (!c.holds_lock()) step.act = formation_act::take_lock;
  return step;
}

formation_step write_under_lock(const context& c, cluster_record record, std::string reason) {
  formation_step step{.act = formation_act::write_record, .reason = std::move(reason)};
  step.record = std::move(record);
  return under_lock(c, std::move(step));
}

presence presence_of(const context& c, const formation_member& m) {
  if (!m.pod_uid) return c.known(c.view.peers) ? presence::runs_not : presence::unknown;
  return c.fresh(m.broker) ? m.broker.value->state : presence::unknown;
}

const agent_facts* agent_of(const context& c, const formation_member& m) {
  if (!m.pod_uid || !c.fresh(m.agent)) return nullptr;
  const bool same_pod = m.pod_uid->empty() || *m.pod_uid == m.agent.value->pod_uid;
  return same_pod ? &*m.agent.value : nullptr;
}

bool is_recorded(const context& c, const broker_facts& broker) {
  const cluster_record* record = c.record();
  return record != nullptr && record->founded && !broker.cluster_id.empty() &&
         record->cluster_id == broker.cluster_id;
}

bool stands_aside(const context& c, const formation_member& m) {
  if (presence_of(c, m) != presence::runs) return false;
  const agent_facts* agent = agent_of(c, m);
  const broker_facts& broker = *m.broker.value;
  // A member whose mark is about to be written may be the last of its cluster.
  return agent != nullptr && agent->mark && agent->mark->state == mark_state::joining &&
         broker.boot == boot_state::ready && broker.cluster &&
         broker.cluster->members.size() == 1 && !is_recorded(c, broker);
}

bool joins(const context& c, const formation_member& m, const std::string& target) {
  const agent_facts* agent = agent_of(c, m);
  return agent != nullptr && agent->mark && agent->mark->state == mark_state::joining &&
         agent->mark->target == target && (!agent->door || agent->door->target == target);
}

knowledge data_of(const context& c, const formation_member& m) {
  if (stands_aside(c, m)) return knowledge::no;
  if (!m.pod_uid) {
    if (!c.known(c.view.peers) || !c.fresh(m.claim)) return knowledge::unknown;
    return *m.claim.value ? knowledge::unknown : knowledge::no;
  }
  const agent_facts* agent = agent_of(c, m);
  return agent == nullptr ? knowledge::unknown : agent->has_data;
}

std::vector<std::string> other_members(const context& c) {
  std::set<std::string> all;
  if (c.view.expected.value) {
    all.insert(c.view.expected.value->begin(), c.view.expected.value->end());
  }
  if (const cluster_record* r = c.record()) {
    all.insert(r->members.begin(), r->members.end());
    if (!r->founder.empty()) all.insert(r->founder);
  }
  // Scaled away: their claims may come back, and one that was not looked at may be there.
  for (const formation_member& m : c.view.members) {
    if (m.pod_uid || !m.claim.value || *m.claim.value) all.insert(m.node);
  }
  all.erase(c.view.node);
  return {all.begin(), all.end()};
}

std::string about_to_be_member(const context& c, const running_cluster& cluster) {
  for (const std::string& node : cluster.running) {
    const formation_member* m = c.member(node);
    const agent_facts* agent = m == nullptr ? nullptr : agent_of(c, *m);
    if (agent != nullptr && agent->mark && agent->mark->state == mark_state::joining) return node;
  }
  return {};
}

bool is_lowest_expected(const context& c) {
  const auto& expected = c.view.expected;
  return expected.value && !expected.value->empty() && expected.value->front() == c.view.node;
}

namespace {

// A broker of 3.13 and later takes, of nodes that are alone, the one that started first, each by
// its own clock. Nothing while that is about to be the target.
std::optional<door_kind> door_by_clocks(const context& c, const formation_member& target) {
  // A link that has just been lost may be that of a broker that begins anew.
  if (presence_of(c, target) != presence::runs || !target.broker.current()) return std::nullopt;
  const auto& began = target.broker.value->began;
  if (!began || c.view.wall_now + clock_patience < *began) return door_kind::join_by_calls;
  if (c.view.wall_now <= *began + clock_margin) return std::nullopt;
  return door_kind::classic;
}

// Which door leads to the target; nothing while its broker boots, and the door depends on that.
std::optional<door_kind> door_to(const context& c, const formation_member& target,
                                 const running_cluster* cluster) {
  const release own = release_of(c.view.version);
  if (own >= release(4, 1) && c.view.seed_plugin) return door_kind::seed;
  if (cluster == nullptr) {
    // Whatever becomes of the target, by calls it joins the cluster that there will be.
    if (c.view.person) return door_kind::join_by_calls;
    const agent_facts* agent = agent_of(c, target);
    if (agent == nullptr) return std::nullopt;
    const bool founds = agent->mark && agent->mark->state == mark_state::founding;
    if (!founds) return door_kind::join_by_calls;
    // Up to 3.12 it takes the first that it reaches, however far that has booted. From 4.1 on what
    // counts is not when the VM began, but when it boots.
    if (own < release(3, 13) || own >= release(4, 1)) return std::nullopt;
    return door_by_clocks(c, target);
  }
  // Whatever the clocks say.
  if (own != not_known && own < release(3, 13)) return door_kind::classic;
  // One with several members comes before those that are alone.
  if (cluster->members.size() > 1) return door_kind::classic;
  return door_by_clocks(c, target);
}

// Whether a broker may boot alone behind that door: from 3.13 on also behind classic, if its target
// has begun anew.
bool may_boot_alone(const context& c, door_kind kind) {
  const release own = release_of(c.view.version);
  if (kind == door_kind::classic) return own == not_known || own >= release(3, 13);
  return kind == door_kind::join_by_calls;
}

// A node whose door leads, or may lead, to this one: its broker would join this one's while it
// stands alone, and together they would be a second cluster. Empty if there is none.
std::string comes_here(const context& c) {
  for (const formation_member& m : c.view.members) {
    if (!m.pod_uid) continue;  // its door has gone with its pod
    const bool is_member = std::ranges::any_of(c.seen.clusters, [&](const running_cluster& r) {
      return std::ranges::binary_search(r.running, m.node);
    });
    if (is_member) continue;  // it does not look at its door any more
    const agent_facts* agent = agent_of(c, m);
    if (agent == nullptr || !agent->door_read) return m.node;
    const bool by_itself = agent->door && (agent->door->kind == door_kind::seed ||
                                           agent->door->kind == door_kind::classic);
    if (by_itself && agent->door->target == c.view.node) return m.node;
  }
  return {};
}

formation_step go_in_through(const context& c, const std::string& target, door_kind kind,
                             std::string why) {
  if (may_boot_alone(c, kind)) {
    if (const std::string other = comes_here(c); !other.empty()) {
      const formation_member* m = c.member(other);
      if (m != nullptr && agent_of(c, *m) == nullptr) {
        const std::string cause = m->agent.last_error ? ": " + m->agent.last_error->text() : "";
        return wait(why + " once the agent of " + other + " says whom its broker joins" + cause,
                    "FormationWaiting");
      }
      return wait(why + " once the door of " + other + " does not lead here");
    }
  }
  return go_in(c, {.node = c.view.node, .state = mark_state::joining, .target = target}, kind,
               std::move(why));
}

}  // namespace

formation_step go_in_to(const context& c, const std::string& target, const running_cluster* cluster,
                        std::string why) {
  // A first boot that was cut short looks for nobody any more.
  const bool virgin = c.view.disk.value->has_data == knowledge::no;
  const formation_member* m = c.member(target);
  if (!virgin || m == nullptr) return go_in_by_calls(c, target, std::move(why));
  if (const auto kind = door_to(c, *m, cluster)) {
    return go_in_through(c, target, *kind, std::move(why));
  }
  const std::string cause = m->broker.last_error ? ": " + m->broker.last_error->text() : "";
  const release own = release_of(c.view.version);
  const bool begins = own >= release(3, 13) && own < release(4, 1);
  const bool long_ago = c.now - c.view.began >= c.settings.door_timeout;
  return wait(why + ", once its broker " + (begins ? "has begun" : "runs") + cause,
              cause.empty() && !long_ago ? "" : "FormationWaiting");
}

formation_step go_in_by_calls(const context& c, const std::string& target, std::string why) {
  return go_in_through(c, target, door_kind::join_by_calls, std::move(why));
}

formation_step go_in(const context& c, domain::mark mark, door_kind kind, std::string why) {
  if (!c.view.conf_conflict.empty()) return wait(c.view.conf_conflict, "FormationWaiting");
  const domain::door door{.kind = kind, .target = mark.target, .pod_uid = c.view.pod_uid};
  formation_step step{.act = formation_act::open, .reason = std::move(why)};
  // The lock, if it was taken for this, stays until the gate is open.
  step.under_lock = c.holds_lock();
  if (c.mark() == nullptr || *c.mark() != mark) {
    step.act = formation_act::write_mark;
    step.mark = std::move(mark);
  } else if (!c.view.door.current() || *c.view.door.value != door) {
    step.act = formation_act::write_door;
    step.door = door;
  }
  return step;
}

}  // namespace warren::domain::formation
