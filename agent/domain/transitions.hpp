#pragma once

#include "agent/domain/broker.hpp"
#include "agent/domain/peers.hpp"
#include "agent/domain/problems.hpp"
#include "base/observed.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace warren::domain {

// Why the latest look for peers failed: what a code of the peer source means to people.
enum class discovery_problem {
  none,
  forbidden,    // the Role does not allow it
  not_found,    // no such Service or namespace
  unreachable,  // no connection, TLS trouble, a timeout, or the server is in trouble itself
  other,
};

// What the cluster lost when a member was forgotten whose disk was lost.
struct forgotten_report {
  std::string node;
  base::time_point at;                  // when that was done
  std::size_t lost = 0;                 // queues that had their only replica there
  std::vector<std::string> lost_names;  // some of them
  std::size_t quorum_queues = 0;        // one replica short now
  std::size_t streams = 0;              // likewise
  friend bool operator==(const forgotten_report&, const forgotten_report&) = default;
};

// What became of the start gate.
struct gate_view {
  bool wired = false;  // false: formation is only observed, and nothing below means anything
  bool open = false;
  bool founds = false;  // this node founds the cluster
  std::string why;      // it was opened; empty where an earlier worker did that
  base::duration waited = base::duration::zero();  // until it was opened
  std::optional<overrule> person;
  std::optional<forgotten_report> forgotten;
};

// All that Events are made from.
struct world_view {
  std::string node;  // this broker's
  broker_view broker;
  bool hung = false;  // the check "responsive" fails
  base::observed<peer_list> peers;
  discovery_problem discovery = discovery_problem::none;  // peers.last_error has the text
  base::observed<int> expected_members;  // the StatefulSet's spec.replicas, where it may be read
  gate_view gate;
  problem_list problems;  // of the cluster and of its formation
};

enum class event_type { normal, warning };
enum class event_about { pod, stateful_set };

// An Event that people should see. `reason` is one of event_reasons().
struct event_intent {
  event_type type = event_type::normal;
  event_about about = event_about::pod;
  std::string reason;  // "AlarmRaised"
  std::string action;  // "CheckAlarms"
  std::string note;    // the thing, the cause, the cure; at most 1 kB
  friend bool operator==(const event_intent&, const event_intent&) = default;
};

struct reason_help {
  std::string_view reason;
  event_type type;
  event_about about;
  std::string_view action;
  std::string_view meaning;  // for README's list
};
// Every reason that this program may write, and the table of them for README.
const std::vector<reason_help>& event_reasons();
std::string events_markdown();

// What people were told last. An Event is written when the world differs from it, so it is handed
// on when the worker process is replaced, and nothing is told twice. The default: nothing yet.
struct told {
  // unknown (nothing yet), connected, away, silent (hung), or the mistake.
  link_state link = link_state::unknown;
  std::set<std::string> alarms;       // resources
  std::set<std::string> listeners;    // those that do not accept
  std::set<std::string> unreachable;  // members
  discovery_problem discovery = discovery_problem::none;
  std::optional<std::uint64_t> peers;  // a fingerprint of the node names
  std::uint64_t peer_problems = 0;     // a fingerprint; 0 for none
  std::size_t cluster_formed = 0;      // members at the last ClusterFormed
  bool cluster_joined = false;
  std::set<std::string> problems;  // "ClusterSplitDetected", "BrokerOutsideCluster rabbit@rmq-1"
  bool gate_open = false;
  std::string ordered;  // "found": what a person ordered last
  std::optional<base::time_point> forgotten_at;
  friend bool operator==(const told&, const told&) = default;
};

struct transition {
  std::vector<event_intent> events;
  told next;
};

// The Events for what changed since people were told: one for each change, none for a state, and
// none for what is not known at present. A healthy world gives PeersDiscovered, ClusterJoined and
// ClusterFormed once and nothing else. Call it after every change of the world.
transition events_since(const told& said, const world_view& world);

}  // namespace warren::domain
