#pragma once

#include "base/clock.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace warren::kubernetes {

enum class event_type { normal, warning };

// The object that an Event is about. `kubectl describe` finds Events by all of these.
struct object_reference {
  std::string api_version;  // "v1", "apps/v1"
  std::string kind;         // "Pod"
  std::string name_space;   // the Event is created in it
  std::string name;
  std::string uid;
  friend auto operator<=>(const object_reference&, const object_reference&) = default;
};

// What there is to tell. Two that are equal are repeats of each other.
struct event {
  event_type type = event_type::normal;
  std::string reason;  // CamelCase, 1 to 128 bytes: "AlarmRaised"
  std::string action;  // 1 to 128 bytes: "CheckAlarms"
  std::string note;    // for people; event_note() is what the API takes of it
  object_reference object;
  friend auto operator<=>(const event&, const event&) = default;
};

// An Event object of the API: an event with its name, its times and how often it was observed.
struct event_record {
  event what;
  std::string name;            // metadata.name
  base::wall_time first_seen;  // events.k8s.io/v1 eventTime
  base::wall_time last_seen;
  std::uint32_t count = 1;  // from 2 on it is a series
};

// `text` as valid UTF-8 of at most 1024 bytes, the limit of events.k8s.io/v1: cut at a character's
// border, foreign bytes replaced by U+FFFD.
std::string event_note(std::string_view text);

// The name for a new Event, as client-go makes it: "OBJECT.NANOSECONDS" in hexadecimal. At most 253
// bytes and a DNS subdomain if `object` is one.
std::string event_name(std::string_view object, base::wall_time at);

}  // namespace warren::kubernetes
