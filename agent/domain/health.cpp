#include "agent/domain/health.hpp"

#include "agent/domain/words.hpp"

#include <algorithm>
#include <array>

namespace warren::domain {
namespace {

constexpr std::array<std::pair<check, std::string_view>, 9> names{{
    {check::ping, "ping"},
    {check::running, "running"},
    {check::in_service, "in-service"},
    {check::cluster, "cluster"},
    {check::responsive, "responsive"},
    {check::boot, "boot"},
    {check::door, "door"},
    {check::local_alarms, "local-alarms"},
    {check::port_connectivity, "port-connectivity"},
}};

constexpr std::size_t max_named = 8;  // ports in one answer

// All that a check looks at, and the words that several of them share.
struct look {
  const broker_view& broker;
  const health_clocks& clocks;
  const health_settings& settings;
  base::time_point now;

  [[nodiscard]] bool connected() const { return broker.link.state == link_state::connected; }

  template <class T>
  [[nodiscard]] bool fresh(const base::observed<T>& o, base::duration limit) const {
    return o.value && o.age(now) && *o.age(now) <= limit;
  }
  template <class T>
  [[nodiscard]] bool fresh(const base::observed<T>& o) const {
    return fresh(o, settings.stale_after);
  }
  template <class T>
  [[nodiscard]] bool holds(const base::observed<T>& o, const T& value) const {
    return fresh(o) && *o.value == value;
  }
  // How long the broker has been silent without a break.
  [[nodiscard]] base::duration silence() const {
    return clocks.silent_since ? now - *clocks.silent_since : base::duration::zero();
  }
};

template <class T>
std::string why_not_known(const look& at, const base::observed<T>& o, std::string_view thing) {
  std::string reason(thing);
  const auto age = o.age(at.now);
  reason += age ? " was last seen " + text(*age) + " ago" : " is not known yet";
  if (o.last_error) reason += ": " + o.last_error->text();
  return reason;
}

template <class T>
check_result result_of(check what, outcome result, std::string reason, const look& at,
                       const base::observed<T>& o) {
  const auto age = o.age(at.now);
  if (age) reason += (reason.empty() ? "seen " : ", seen ") + text(*age) + " ago";
  return {what, result, std::move(reason), age};
}

std::string or_else(const std::string& detail, std::string_view words) {
  return detail.empty() ? std::string(words) : detail;
}

// Passes while the broker answers over the link. Rows "draining" and "paused" do not touch it.
check_result ping(const look& at) {
  const link_view& link = at.broker.link;
  const auto age = link.last_answer ? std::optional(at.now - *link.last_answer) : std::nullopt;
  const auto result = [&](outcome o, std::string reason) {
    return check_result{check::ping, o, std::move(reason), age};
  };
  switch (link.state) {
    case link_state::unknown:
      return result(outcome::unknown, "not looked yet: the agent has just started");
    case link_state::away:
      if (!at.broker.held_back.empty()) {
        return result(outcome::fail, "held back by the start gate: " + at.broker.held_back);
      }
      return result(outcome::fail,
                    or_else(link.detail, "the broker is not in EPMD, or refuses connections"));
    case link_state::silent:
      return result(outcome::fail,
                    or_else(link.detail, "the broker accepts connections but does not answer"));
    case link_state::connected:
      if (at.silence() > at.settings.answer_timeout) {
        return result(outcome::fail, "the broker has not answered for " + text(at.silence()));
      }
      return result(outcome::pass, age ? "answered " + text(*age) + " ago" : "connected");
    // Row "a mistake that no restart cures": not ready; liveness does not rest on ping.
    // Not known is not gone: readiness fails, and no restart follows.
    case link_state::unclear:
      return result(outcome::fail, or_else(link.detail, "the broker cannot be asked"));
    case link_state::no_cookie:
      return result(outcome::fail, or_else(link.detail, "the Erlang cookie cannot be read"));
    case link_state::cookie_rejected:
      return result(outcome::fail, or_else(link.detail, "the Erlang cookies differ"));
    case link_state::tls_expected:
      return result(outcome::fail, or_else(link.detail, "the broker's distribution expects TLS"));
    case link_state::name_differs:
      return result(outcome::fail, or_else(link.detail, "the node there has another name"));
    case link_state::not_allowed:
      return result(outcome::fail, or_else(link.detail, "the broker refuses this agent"));
  }
  return result(outcome::unknown, {});
}

// Passes once the broker is fully booted; not while stopped (stop_app) or paused.
check_result running(const look& at) {
  const auto& boot = at.broker.boot;
  if (at.broker.link.state == link_state::away) {
    return {check::running, outcome::fail, "there is no broker to connect to", {}};
  }
  if (!at.connected() || !at.fresh(boot)) {
    return {check::running, outcome::unknown, why_not_known(at, boot, "the boot state"),
            boot.age(at.now)};
  }
  const auto result = [&](outcome o, std::string reason) {
    return result_of(check::running, o, std::move(reason), at, boot);
  };
  switch (*boot.value) {
    case boot_state::ready:
      return result(outcome::pass, {});
    case boot_state::booting:
    case boot_state::core_started:
      return result(outcome::fail, "the broker is booting");
    case boot_state::stopping:
      return result(outcome::fail, "the broker is stopping");
    case boot_state::stopped:
      if (at.holds(at.broker.paused, true)) {
        return result(outcome::fail, "the broker has paused itself: it sees only a minority");
      }
      return result(outcome::fail, "the broker is stopped; rabbitmqctl start_app starts it");
  }
  return result(outcome::unknown, {});
}

// Row "draining": fails in maintenance mode. A broker that does not run (booting, joining, stopped,
// row "paused") is not in maintenance mode.
check_result in_service(const look& at) {
  const auto& draining = at.broker.draining;
  if (!at.connected() || !at.fresh(at.broker.boot)) {
    return {check::in_service, outcome::unknown, "it is not known whether the broker runs", {}};
  }
  if (*at.broker.boot.value != boot_state::ready) {
    return result_of(check::in_service, outcome::pass, "not running", at, at.broker.boot);
  }
  if (!at.fresh(draining)) {
    return {check::in_service, outcome::unknown, why_not_known(at, draining, "maintenance mode"),
            draining.age(at.now)};
  }
  if (!*draining.value) return result_of(check::in_service, outcome::pass, {}, at, draining);
  return result_of(check::in_service, outcome::fail,
                   "maintenance mode: rabbitmq-upgrade revive ends it", at, draining);
}

// Row "gate mode: running, but its cluster id or its members are not those of the record": fails.
check_result cluster(const look& at) {
  const std::string& why = at.broker.outside;
  return {check::cluster, why.empty() ? outcome::pass : outcome::fail, why, {}};
}

// Row "gate mode: never joined, and the node its door names does not run while another member
// runs": fails until the broker has begun anew.
check_result door(const look& at) {
  // The next incarnation reads the new one: only that which has answered is to be restarted.
  if (!at.broker.outdated_door || !at.connected()) return {check::door, outcome::pass, {}, {}};
  return {check::door,
          outcome::fail,
          "the broker waits for a node that does not run; once restarted it joins another one",
          {}};
}

// Row "connection up, no answer for liveness.hang_timeout": fails.
check_result responsive(const look& at) {
  const auto result = [&](outcome o, std::string reason) {
    return check_result{check::responsive, o, std::move(reason), {}};
  };
  if (at.broker.link.state == link_state::unclear) {
    return result(outcome::unknown, "the broker cannot be asked");
  }
  if (at.clocks.silent_since) {
    const bool hung = is_hung(at.clocks, at.settings, at.now);
    return result(
        hung ? outcome::fail : outcome::pass,
        "no answer for " + text(at.silence()) + "; the limit is " + text(at.settings.hang_timeout));
  }
  if (at.broker.link.state == link_state::unknown) {
    return result(outcome::unknown, "not looked yet");
  }
  return result(outcome::pass, {});
}

// Row "not in EPMD, or refused, longer than liveness.boot_timeout since the gate opened or the link
// was last lost, whichever is later": fails. One that is held back by the gate has no time to keep.
check_result boot(const look& at) {
  const auto result = [&](outcome o, std::string reason) {
    return check_result{check::boot, o, std::move(reason), {}};
  };
  const link_state state = at.broker.link.state;
  if (state == link_state::unclear) return result(outcome::unknown, "the broker cannot be asked");
  if (!at.broker.held_back.empty()) return result(outcome::pass, "held back by the start gate");
  if (!at.clocks.lost_at) {
    if (state == link_state::unknown) return result(outcome::unknown, "not looked yet");
    return result(outcome::pass, {});
  }
  const base::time_point start =
      std::max(*at.clocks.lost_at, at.clocks.opened_at.value_or(*at.clocks.lost_at));
  const base::duration away = at.now - start;
  // One that is silent now is not away: that is for `responsive` to judge.
  const bool late = state != link_state::silent && away > at.settings.boot_timeout;
  return result(late ? outcome::fail : outcome::pass,
                "no broker for " + text(away) + "; the limit is " + text(at.settings.boot_timeout));
}

// Alarms and ports mean something only while the broker runs: before and after, their tables are
// missing, which is not a failure.
std::optional<check_result> unless_running(check what, const look& at) {
  if (at.connected() && at.holds(at.broker.boot, boot_state::ready)) return std::nullopt;
  return check_result{what, outcome::unknown, "looked at only while the broker runs", {}};
}

std::string_view cure_of(std::string_view resource) {
  if (resource == "memory") return "publishers are blocked until memory use falls";
  if (resource == "disk") return "publishers are blocked until disk space is free";
  if (resource == "file_descriptor_limit") return "no new connections until descriptors are free";
  return "publishers are blocked";
}

// Row "running, local alarm": fails, naming the alarm, once it has stood for liveness.alarm_hold;
// with liveness.alarms = report it only says so.
check_result local_alarms(const look& at) {
  if (auto r = unless_running(check::local_alarms, at)) return *r;
  const auto& alarms = at.broker.alarms;
  if (!at.fresh(alarms)) {
    return {check::local_alarms, outcome::unknown, why_not_known(at, alarms, "the alarm list"),
            alarms.age(at.now)};
  }
  outcome result = outcome::pass;
  std::string reason;
  for (const alarm& a : *alarms.value) {
    const auto known = at.clocks.alarm_since.find(a.resource);
    const base::duration stands =
        known == at.clocks.alarm_since.end() ? base::duration::zero() : at.now - known->second;
    if (at.settings.alarms == alarm_policy::fail && stands >= at.settings.alarm_hold) {
      result = outcome::fail;
    }
    if (!reason.empty()) reason += "; ";
    reason += a.resource + " alarm for " + text(stands) + ": " + std::string(cure_of(a.resource));
  }
  return result_of(check::local_alarms, result, std::move(reason), at, alarms);
}

// Row "running, a listener does not accept": fails, naming the port. A draining broker closes its
// listeners on purpose, and so does a paused one.
check_result port_connectivity(const look& at) {
  constexpr check what = check::port_connectivity;
  if (auto r = unless_running(what, at)) return *r;
  if (at.holds(at.broker.draining, true)) {
    return {what, outcome::unknown, "skipped in maintenance mode", {}};
  }
  if (at.holds(at.broker.paused, true)) return {what, outcome::unknown, "skipped while paused", {}};
  const auto& ports = at.broker.ports;
  if (!at.fresh(ports, at.settings.ports_stale_after)) {
    return {what, outcome::unknown, why_not_known(at, ports, "the state of the listeners"),
            ports.age(at.now)};
  }
  std::size_t closed = 0;
  std::string reason;
  for (const port_view& p : *ports.value) {
    if (p.accepts || ++closed > max_named) continue;
    if (closed > 1) reason += "; ";
    reason += "port " + std::to_string(p.what.port) + " (" + p.what.protocol +
              ") does not accept connections";
    if (!p.problem.empty()) reason += ": " + p.problem;
  }
  if (closed > max_named) reason += "; and " + std::to_string(closed - max_named) + " more";
  return result_of(what, closed > 0 ? outcome::fail : outcome::pass, std::move(reason), at, ports);
}

}  // namespace

std::string_view name(check c) {
  return std::ranges::find(names, c, [](const auto& n) { return n.first; })->second;
}

std::optional<check> check_named(std::string_view name) {
  const auto at = std::ranges::find(names, name, [](const auto& n) { return n.second; });
  return at == names.end() ? std::nullopt : std::optional(at->first);
}

std::vector<check_result> evaluate_health(const broker_view& broker, const health_clocks& clocks,
                                          const health_settings& settings, base::time_point now) {
  // An agent that has not run for a while knows nothing, whatever the clocks seem to say.
  if (!clocks.looked_at || now - *clocks.looked_at > settings.stale_after) {
    const std::string reason = clocks.looked_at
                                   ? "the agent has not looked for " + text(now - *clocks.looked_at)
                                   : "not looked yet: the agent has just started";
    std::vector<check_result> report;
    report.reserve(names.size());
    for (const auto& [what, _] : names) report.push_back({what, outcome::unknown, reason, {}});
    return report;
  }
  const look at{broker, clocks, settings, now};
  return {ping(at), running(at), in_service(at),   cluster(at),          responsive(at),
          boot(at), door(at),    local_alarms(at), port_connectivity(at)};
}

}  // namespace warren::domain
