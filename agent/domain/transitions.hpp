#pragma once

#include "agent/domain/broker.hpp"
#include "agent/domain/peers.hpp"
#include "base/observed.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warren::domain {

// All that Events are made from, as it was after a change.
struct world_view {
  std::string node;  // this broker's
  broker_view broker;
  base::observed<peer_list> peers;
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
  std::string note;    // one sentence: the thing, the cause, the cure
  friend bool operator==(const event_intent&, const event_intent&) = default;
};

struct reason_help {
  std::string_view reason;
  event_type type;
  event_about about;
  std::string_view meaning;  // for README's list
};
// Every reason that this program may write.
const std::vector<reason_help>& event_reasons();

// What must be told once and not again, also when the worker process is replaced.
struct told {
  bool cluster_formed = false;
  bool cluster_joined = false;
  friend bool operator==(const told&, const told&) = default;
};

struct transition {
  std::vector<event_intent> events;
  told next;
};

// The Events for the step from `before` to `after`: one for each change, none for a state.
transition events_between(const world_view& before, const world_view& after, const told& said);

}  // namespace warren::domain
