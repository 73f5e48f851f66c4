#include "agent/domain/health.hpp"

#include <algorithm>

namespace warren::domain {
namespace {

// A broker that owes an answer for less than this is not worth a clock: replies come every check
// interval, and a clock that never stands still would say nothing.
constexpr base::duration owes_after = std::chrono::seconds(2);

// Moves every clock forward by the time in which the agent did not run.
void skip_gap(health_clocks& clocks, base::duration gap, base::time_point now) {
  const auto move = [&](base::time_point& t) { t = std::min(t + gap, now); };
  const auto move_if = [&](std::optional<base::time_point>& t) {
    if (t) move(*t);
  };
  move_if(clocks.opened_at);
  move_if(clocks.lost_at);
  move_if(clocks.silent_since);
  for (auto& [resource, since] : clocks.alarm_since) move(since);
  clocks.resumed_at = now;
}

// The boot clock: the present time away, without a break.
void advance_lost(health_clocks& clocks, const link_view& link, base::time_point now) {
  if (link.state == link_state::unknown) return;  // not looked: it runs on
  if (link.state != link_state::away) {
    clocks.lost_at.reset();
  } else if (!clocks.lost_at) {
    clocks.lost_at = now;
  }
}

// The hang clock: silence without a break, whatever happens to the connection meanwhile.
void advance_silence(health_clocks& clocks, const link_view& link, base::time_point now) {
  if (link.state == link_state::unknown) return;
  if (link.state != link_state::connected && link.state != link_state::silent) {
    clocks.silent_since.reset();  // a refusal is an answer
    return;
  }
  if (clocks.silent_since && link.last_answer && *link.last_answer > *clocks.silent_since) {
    clocks.silent_since.reset();
  }
  if (clocks.silent_since) return;
  // An answer from before a gap proves no silence: nobody listened in between.
  base::time_point start = link.last_answer.value_or(link.since.value_or(now));
  if (clocks.resumed_at) start = std::max(start, *clocks.resumed_at);
  if (now - start >= owes_after) clocks.silent_since = start;
}

void advance_alarms(health_clocks& clocks, const broker_view& broker, base::time_point now) {
  const bool another = broker.link.creation != 0 && clocks.creation != broker.link.creation;
  if (another || broker.link.state == link_state::away) clocks.alarm_since.clear();
  if (another) clocks.creation = broker.link.creation;
  if (!broker.alarms.current()) return;
  std::map<std::string, base::time_point> standing;
  for (const alarm& a : *broker.alarms.value) {
    const auto known = clocks.alarm_since.find(a.resource);
    standing.emplace(a.resource, known == clocks.alarm_since.end() ? now : known->second);
  }
  clocks.alarm_since = std::move(standing);
}

}  // namespace

health_clocks advance_clocks(const health_clocks& before, const broker_view& broker,
                             const health_settings& settings, base::time_point now) {
  health_clocks clocks = before;
  if (clocks.looked_at && now - *clocks.looked_at > settings.stale_after) {
    skip_gap(clocks, now - *clocks.looked_at, now);
  }
  clocks.looked_at = now;
  advance_lost(clocks, broker.link, now);
  advance_silence(clocks, broker.link, now);
  advance_alarms(clocks, broker, now);
  return clocks;
}

}  // namespace warren::domain
