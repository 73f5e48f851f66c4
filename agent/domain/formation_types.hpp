#pragma once

#include "agent/domain/broker.hpp"
#include "base/clock.hpp"
#include "base/observed.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The values that formation is decided from: what lies on the disk, what the cluster's record says,
// what the peers' agents and brokers say.
namespace warren::domain {

// Whether a node holds data. Unknown never leads to founding or forgetting.
enum class knowledge { no, yes, unknown };
std::string_view name(knowledge k);  // "no", "yes", "unknown"

// What a node is on its way to. Written to its data volume before its gate opens, so that the next
// agent on that volume goes on with the same decision.
enum class mark_state {
  founding,  // it founds the cluster
  joining,   // it joins `target`; what lies on the disk is at most a first boot, never a member's
  member,    // it has run as a member: its data is never thrown away
};
std::string_view name(mark_state s);

struct mark {
  std::string node;
  mark_state state = mark_state::member;
  std::string cluster_id;  // of the cluster; empty until it is known
  std::string target;      // joining: the node that its door names
  friend bool operator==(const mark&, const mark&) = default;
};

// What lies on the own data volume.
struct disk_view {
  knowledge has_data = knowledge::unknown;  // of this node, as its broker would judge it
  // has_data is yes, but no boot has got as far as the default vhost and user: a broken first boot,
  // or a member that was ended while it joined.
  bool unfinished = false;
  bool has_tables = false;               // there are Mnesia's
  std::vector<std::string> other_nodes;  // nodes that have data there under other names
  std::optional<domain::mark> mark;
  std::string detail;  // why has_data is unknown, with the cure
  friend bool operator==(const disk_view&, const disk_view&) = default;
};

// How a broker is told whom to join: what 90-warren.conf says. A broker container that restarts in
// the same pod reads it again without asking, so it must stay right.
enum class door_kind {
  closed,   // joins nobody and founds nothing: for a node with data, which does not look at it
  found,    // founds alone
  classic,  // classic_config with the target: up to 3.12 at any time, 3.13 to 4.0 only if the
            // own clock is past the target's start
  seed,     // seed_node = target: from 4.1 on, with the plugin; boots beside the founder
  join_by_calls,  // boots alone; the agent then makes it join the target: on every version
};
std::string_view name(door_kind k);

struct door {
  door_kind kind = door_kind::closed;
  std::string target;   // classic, seed, join_by_calls
  std::string pod_uid;  // of the pod that it was written in
  friend bool operator==(const door&, const door&) = default;
};

// The cluster's record: an annotation of the Lease SERVICE-record, which outlives the release.
struct cluster_record {
  bool founded = false;              // false: the founder has been named and may be booting
  std::string cluster_id;            // empty until it is founded
  std::vector<std::string> members;  // sorted; those of the latest look of a majority
  std::string founder;               // its node
  std::string founder_uid;           // its pod
  std::string forgetting;            // a node whose lost incarnation is being removed; else empty
  std::string overruled;             // what a person decided last, for people; else empty
  friend bool operator==(const cluster_record&, const cluster_record&) = default;
};

// The record as it was read. No value in an observed record_view that was seen: there is no Lease,
// or none with a record.
struct record_view {
  std::optional<cluster_record> record;
  std::string resource_version;  // of the Lease; empty if there is none
  friend bool operator==(const record_view&, const record_view&) = default;
};

// A broker of the cluster, looked at over Erlang distribution.
enum class presence {
  unknown,   // handshake failure, TLS, cookie, timeout
  runs_not,  // EPMD refuses or does not know the name at the pod's own address, or there is no pod
  runs,      // it answers
};

enum class metadata_store { unknown, mnesia, khepri };

struct broker_facts {
  presence state = presence::unknown;
  std::optional<boot_state> boot;
  std::string version;  // "4.3.6"; empty if not known
  metadata_store store = metadata_store::unknown;
  std::string cluster_id;                // the persistent one; empty if not known
  std::optional<membership> cluster;     // known only while it is booted
  std::string data_folder;               // "/var/lib/rabbitmq/mnesia/NODE"; empty if not known
  std::optional<base::wall_time> began;  // when its Erlang VM started, by its own clock
  friend bool operator==(const broker_facts&, const broker_facts&) = default;
};

// What a peer's agent says of itself: GET /v1/status. An answer under another Service, node or pod
// uid than expected counts as none.
struct agent_facts {
  std::string pod_uid;
  knowledge has_data = knowledge::unknown;  // no: virgin, gate closed, no door written
  knowledge leases = knowledge::unknown;    // whether it may use Leases
  bool gate_open = false;
  std::optional<domain::mark> mark;
  std::optional<domain::door> door;
  bool door_read = true;  // false: its broker runs with what was there before
  std::string cluster_id;
  friend bool operator==(const agent_facts&, const agent_facts&) = default;
};

}  // namespace warren::domain
