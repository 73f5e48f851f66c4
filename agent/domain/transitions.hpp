#pragma once

#include "agent/domain/broker.hpp"
#include "agent/domain/peers.hpp"
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

// All that Events are made from.
struct world_view {
  std::string node;  // this broker's
  broker_view broker;
  bool hung = false;  // the check "responsive" fails
  base::observed<peer_list> peers;
  discovery_problem discovery = discovery_problem::none;  // peers.last_error has the text
  base::observed<int> expected_members;  // the StatefulSet's spec.replicas, where it may be read
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
