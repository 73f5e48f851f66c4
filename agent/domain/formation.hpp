#pragma once

#include "agent/domain/formation_types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Whether this node's broker may start, and whom it joins: one pure function over all that is
// known. The agent and the simulation obey it step by step, and show it what came of each step.
namespace warren::domain {

struct formation_settings {
  bool majority_founds = false;  // --found-when=majority: members that may hold data do not count
  base::duration fresh_for = std::chrono::seconds(5);  // older looks are worth nothing
  // How long a node with data looks for a cluster that does not list it before it opens.
  base::duration first_look = std::chrono::seconds(3);
  base::duration door_timeout = std::chrono::seconds(30);  // formation.door_timeout
};

// Another node that is expected, recorded, listed as a peer or by a cluster, or that has a claim
// although it comes after the last expected one (as far as claims can be read).
struct formation_member {
  std::string node;
  // Its pod's uid in the latest list of peers; nothing if there is no such pod. Empty where the
  // peer source knows no uids (dns, static).
  std::optional<std::string> pod_uid;
  // Where there is no pod: whether its claim exists; where the StatefulSet has no claims, whether
  // its pod does, for the list of peers may be behind. Read from the API server itself, not from a
  // watch.
  base::observed<bool> claim;
  base::observed<agent_facts> agent;
  base::observed<broker_facts> broker;
};

// What a person asked for on the admin socket.
struct overrule {
  bool found = false;  // else join
  std::string target;  // join: the node
  friend bool operator==(const overrule&, const overrule&) = default;
};

// All that is known, as of now. Every `seen_at` is when that look began, for what it shows may be
// as old as that.
struct formation_view {
  std::string node;
  std::string pod_uid;
  base::time_point began;  // when this agent started to look
  base::observed<disk_view> disk;
  base::observed<std::optional<domain::door>> door;  // what 90-warren.conf says
  base::observed<broker_facts> broker;               // the own one

  // Node names, the own included, in the order of their ordinals (static: of the list).
  base::observed<std::vector<std::string>> expected;
  base::observed<bool> peers;  // confirmed whenever the list of peers is; the value means nothing
  std::vector<formation_member> members;  // all other nodes of interest, sorted

  base::observed<record_view> record;
  // Resource version that the own last write of the record gave it; empty after a restart.
  std::string written_version;
  // When it was known that the lock is held. Without Leases the lock is this agent's word alone:
  // its status tells others that it is about to act (told_data).
  std::optional<base::time_point> lock_taken_at;
  std::optional<base::time_point> lock_until;  // until when it is surely held
  [[nodiscard]] bool holds_lock(base::time_point now) const {
    return lock_until && now < *lock_until;
  }

  std::string data_dir;       // where this agent looks for data, without a slash at its end
  std::string conf_conflict;  // what in the user's configuration overrules a door, and the cure
  std::string version;        // of the own broker, where it is known before the boot; else empty
  base::wall_time wall_now;
  std::optional<overrule> person;
  base::time_point door_since;  // since when the node that the own door names has not run
  // Since when the gate is open and disk.unfinished is true without a break.
  base::time_point unfinished_since;
  base::time_point boots_since;  // since when the own broker runs without having booted

  bool gate_open = false;
  bool ordered_ready = false;  // a pod is created only once the ones before it are ready
  bool leases = true;      // false: no permission for them, or a peer source without an API server
  bool forgotten = false;  // the own lost incarnation was removed completely since the gate closed
  bool seed_plugin = false;  // rabbitmq_peer_discovery_k8s is known to be enabled
  bool door_read = true;     // the running broker began after the door was last written
  bool restarting = false;   // its liveness fails, until it begins anew
};

enum class formation_act {
  wait,          // for something to change; `reason` says for what
  take_lock,     // then look at everything again
  drop_lock,     // it is not needed any more
  write_record,  // `record`, if the Lease still has view.record's resource version
  write_mark,    // `mark`
  write_door,    // `door`
  open,          // the gate: /startupz says 200
  forget,        // remove the own lost incarnation, by calls to `via`
  join,          // make the own broker, which booted alone, join `via`
};
// "take-lock", as answers give it.
std::string_view name(formation_act a);

// What to do next, and why in one sentence for people.
struct formation_step {
  formation_act act = formation_act::wait;
  std::string reason;
  std::string problem;      // the reason of an Event, where a person has to act; else empty
  bool under_lock = false;  // the lock is needed for it, or for what follows it
  bool restart = false;     // write_door: liveness then fails once, so that the broker reads it
  cluster_record record;
  domain::mark mark;
  domain::door door;
  std::string via;
};

// The decision table of formation. It knows nothing but `view`: a step that was done shows in the
// next view, a step that failed is decided anew. Everything but `wait`, `take_lock` and `drop_lock`
// is guarded by what has just been looked at; nothing destructive follows from what is not known.
formation_step next_step(const formation_view& view, const formation_settings& settings,
                         base::time_point now);

// What the own agent tells others of its data: no only while the node is virgin, its gate closed,
// no door written in this pod and no founding begun.
knowledge told_data(const formation_view& view);

// Whether the own broker runs outside the cluster: it has not joined yet, or it runs in another
// one than the record's. Clients must not come to it.
bool is_outside(const formation_view& view, const formation_settings& settings,
                base::time_point now);

// A cluster as its running members see it.
struct running_cluster {
  std::string id;                    // empty if no member could tell
  std::vector<std::string> members;  // sorted; every node that any of its running members lists
  std::vector<std::string> running;  // sorted; those that were seen to run as members
  metadata_store store = metadata_store::unknown;
  [[nodiscard]] bool lists(std::string_view node) const;
  [[nodiscard]] bool has_majority() const { return running.size() * 2 > members.size(); }
};

// The clusters that run on other nodes than the own. A broker that stands alone because it has not
// joined yet is none. `unclear` names a node whose broker runs alone and of which is not known
// whether that is a cluster.
struct clusters_seen {
  std::vector<running_cluster> clusters;
  std::string unclear;
};
clusters_seen clusters_of(const formation_view& view, const formation_settings& settings,
                          base::time_point now);

}  // namespace warren::domain
