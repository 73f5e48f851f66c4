#pragma once

#include "agent/domain/broker.hpp"
#include "base/clock.hpp"

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
  base::duration alarm_hold =
      base::duration::zero();  // how long an alarm stands before it fails liveness
  base::duration hang_timeout = std::chrono::seconds(30);   // connection up, no answer
  base::duration boot_timeout = std::chrono::seconds(300);  // not in EPMD, or refused
  base::duration answer_timeout = std::chrono::seconds(5);  // silence that fails ping
};

// The clocks that must not start anew when the worker process is replaced.
struct health_clocks {
  std::optional<base::time_point>
      opened_at;  // since when the broker may boot (the gate; else the agent's start)
  std::optional<base::time_point> lost_at;       // since when the broker is away without a break
  std::optional<base::time_point> silent_since;  // since when it owes an answer without a break
  std::map<std::string, base::time_point> alarm_since;  // by resource
  friend bool operator==(const health_clocks&, const health_clocks&) = default;
};

// The clocks after `broker` was seen at `now`.
health_clocks advance_clocks(const health_clocks& before, const broker_view& broker,
                             base::time_point now);

// Names as in rabbitmq-diagnostics where it has the check.
enum class check {
  ping,               // the broker answers over the link
  running,            // fully booted
  in_service,         // not in maintenance mode
  responsive,         // it has not been silent for hang_timeout
  boot,               // it has not been away for boot_timeout
  local_alarms,       // no alarm of this node (subject to alarm_policy)
  port_connectivity,  // every listener accepts connections
};
std::string_view name(check c);  // "port-connectivity"
std::optional<check> check_named(std::string_view name);

enum class outcome { pass, fail, unknown };

struct check_result {
  check what;
  outcome result = outcome::unknown;
  std::string reason;  // why not, or a remark; names the thing and, where there is one, the cure
  std::optional<base::duration> age;  // of the observation that it rests on
};

// The decision table of health in one place: every check, in the order of the enum.
std::vector<check_result> evaluate_health(const broker_view& broker, const health_clocks& clocks,
                                          const health_settings& settings, base::time_point now);

}  // namespace warren::domain
