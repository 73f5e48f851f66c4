#pragma once

#include "base/clock.hpp"
#include "base/observed.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warren::domain {

// How far the way to the broker's Erlang node leads.
enum class link_state {
  unknown,          // not looked yet: the agent has just started
  away,             // EPMD refuses or does not know the name, or the distribution port refuses
  silent,           // something accepts connections but does not answer the handshake in time
  connected,        // handshake done; calls may still go unanswered (see last_answer)
  unclear,          // something else went wrong, often only for a moment
  no_cookie,        // the cookie cannot be read, so nothing can be asked
  cookie_rejected,  // the cookies differ
  tls_expected,     // the broker's distribution speaks TLS, this agent was told plain
  name_differs,     // the node that answers is not the one that was dialled
  not_allowed,      // the broker refuses this node or its protocol flags
};

// "cookie_rejected", as answers and metrics give it.
std::string_view name(link_state s);

struct link_view {
  link_state state = link_state::unknown;
  std::string detail;                           // for people: why, with the cure where there is one
  std::optional<base::time_point> since;        // when state last changed
  std::optional<base::time_point> last_answer;  // the latest reply to any call or handshake
  std::optional<base::time_point> asked_at;     // the oldest question since then, if there is one
  std::uint32_t creation = 0;  // of the broker's incarnation; another one is another broker
};

// rabbit_boot_state:get/0 (3.8 to 4.3).
enum class boot_state { stopped, booting, core_started, ready, stopping };
// "core_started"; "running" for ready.
std::string_view name(boot_state s);

// An alarm of this node: resource is "memory", "disk" or "file_descriptor_limit".
struct alarm {
  std::string resource;
  friend bool operator==(const alarm&, const alarm&) = default;
  friend auto operator<=>(const alarm&, const alarm&) = default;
};

// What the broker says it listens on.
struct listener {
  std::string protocol;  // "amqp", "http", "clustering", ...
  std::string address;   // an IP address; "::" and "0.0.0.0" mean every one
  std::uint16_t port = 0;
  friend bool operator==(const listener&, const listener&) = default;
};

// What a look at that listener found.
struct port_view {
  listener what;
  bool accepts = false;
  std::string problem;  // empty if it accepts
  friend bool operator==(const port_view&, const port_view&) = default;
};

// The cluster as this broker sees it. Sorted by name.
struct membership {
  std::vector<std::string> members;
  std::vector<std::string> running;      // members that this node reaches, itself included
  std::vector<std::string> partitioned;  // up to 4.2: nodes this one is partitioned from
  friend bool operator==(const membership&, const membership&) = default;
};

// Everything known of the local broker. After a reconnect to another incarnation all of it but
// the link starts anew.
struct broker_view {
  link_view link;
  std::string version;  // "4.3.6"; empty if not known
  base::observed<boot_state> boot;
  base::observed<bool> paused;                // by pause_minority or pause_if_all_down (up to 4.2)
  base::observed<bool> draining;              // maintenance mode
  base::observed<std::vector<alarm>> alarms;  // local ones only
  base::observed<std::vector<listener>> listeners;  // local ones only
  base::observed<std::vector<port_view>> ports;
  base::observed<membership> cluster;
  std::string held_back;  // why the start gate is closed; empty: it is open, or there is none
  std::string outside;    // why it is outside of its cluster, with the gate; empty: it is not
  // With the gate: it has read a door that leads nowhere, and a new one has been written.
  bool outdated_door = false;
};

}  // namespace warren::domain
