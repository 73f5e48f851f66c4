#pragma once

#include "agent/domain/broker.hpp"
#include "base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warren::domain {

enum class readiness_level { ping, running, serving };
enum class alarm_policy { fail, report };

struct health_settings {
  readiness_level level = readiness_level::ping;
  alarm_policy alarms = alarm_policy::fail;
  base::duration alarm_hold = base::duration::zero();  // an alarm that stands so long fails livez
  base::duration hang_timeout = std::chrono::seconds(30);   // connection up, no answer
  base::duration boot_timeout = std::chrono::seconds(300);  // not in EPMD, or refused
  base::duration answer_timeout = std::chrono::seconds(5);  // silence that fails ping
  // Older observations, and clocks that were last advanced longer ago, are worth nothing: three
  // intervals of the look that makes them, at least 5 s.
  base::duration stale_after = std::chrono::seconds(5);
  base::duration ports_stale_after = std::chrono::seconds(30);
};

// The clocks that must not start anew when the worker process is replaced: hand them on after each
// look.
struct health_clocks {
  std::optional<base::time_point> looked_at;  // when they were last advanced
  std::optional<base::time_point> opened_at;  // since when the broker may boot: the agent's start,
                                              // or when the start gate opened
  std::optional<base::time_point> lost_at;    // since when the broker is away without a break
  std::optional<base::time_point> silent_since;  // since when it owes an answer without a break
  std::optional<base::time_point> resumed_at;    // the end of the last gap (see advance_clocks)
  std::map<std::string, base::time_point> alarm_since;  // by resource
  std::uint32_t creation = 0;  // the broker's incarnation that alarm_since belongs to
  friend bool operator==(const health_clocks&, const health_clocks&) = default;
};

// The clocks after `broker` was looked at, `now`. To be called by a timer, at every check interval,
// also while a call to the broker is still unanswered. A gap of more than settings.stale_after
// between two calls means that the agent itself did not run (stopped, starved, replaced): all
// clocks move forward by it, so that it makes no verdict on the broker.
health_clocks advance_clocks(const health_clocks& before, const broker_view& broker,
                             const health_settings& settings, base::time_point now);

// True once the broker has owed an answer for hang_timeout.
bool is_hung(const health_clocks& clocks, const health_settings& settings, base::time_point now);

// Names as in rabbitmq-diagnostics where it has the check.
enum class check {
  ping,               // the broker answers over the link
  running,            // fully booted
  in_service,         // not draining (maintenance mode)
  cluster,            // with the gate: a member of its cluster, not one beside it
  responsive,         // it has not been silent for hang_timeout
  boot,               // it has not been away for boot_timeout
  door,               // with the gate: it waits for no node that does not run
  local_alarms,       // no alarm of this node (subject to alarm_policy)
  port_connectivity,  // every listener accepts connections
};
std::string_view name(check c);  // "port-connectivity"
std::optional<check> check_named(std::string_view name);

enum class outcome { pass, fail, unknown };

struct check_result {
  check what;
  outcome result = outcome::unknown;
  std::string
      reason;  // why, and how old that is; names the thing and, where there is one, the cure
  std::optional<base::duration> age;  // of the observation that it rests on
};

// The decision table of health in one place: every check, in the order of the enum. Which probe
// rests on which check: checks_of in probes.hpp.
std::vector<check_result> evaluate_health(const broker_view& broker, const health_clocks& clocks,
                                          const health_settings& settings, base::time_point now);

}  // namespace warren::domain
