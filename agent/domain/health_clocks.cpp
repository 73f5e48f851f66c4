#include "agent/domain/health.hpp"

#include <algorithm>

namespace warren::domain {
namespace {

// A broker that owes an answer for less than this is not worth a clock: a clock that never stands
// still would say nothing.
constexpr base::duration owes_after = std::chrono::seconds(2);

// True for states that say nothing about the broker: the clocks run on as they are.
bool says_nothing(link_state state) {
  return state == link_state::unknown || state == link_state::unclear ||
         state == link_state::no_cookie;
}

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

// The boot clock: the present time away. Only a broker that is there ends it; one that was silent
// in between was not.
void advance_lost(health_clocks& clocks, const link_view& link, base::time_point now) {
  if (says_nothing(link.state) || link.state == link_state::silent) return;
  if (link.state != link_state::away) {
    clocks.lost_at.reset();
  } else if (!clocks.lost_at) {
    clocks.lost_at = now;
  }
}

// Since when the broker owes an answer: to the oldest question, or to the handshake.
std::optional<base::time_point> owes_since(const link_view& link) {
  if (link.state == link_state::silent) return link.since;
  const bool answered = link.asked_at && link.last_answer && *link.last_answer > *link.asked_at;
  return answered ? std::nullopt : link.asked_at;
}

// The hang clock: silence without a break, whatever happens to the connection meanwhile.
void advance_silence(health_clocks& clocks, const link_view& link, base::time_point now) {
  if (says_nothing(link.state)) return;
  if (link.state != link_state::connected && link.state != link_state::silent) {
    clocks.silent_since.reset();  // a refusal is an answer
    return;
  }
  if (clocks.silent_since && link.last_answer && *link.last_answer > *clocks.silent_since) {
    clocks.silent_since.reset();
  }
  std::optional<base::time_point> start = owes_since(link);
  if (clocks.silent_since || !start) return;
  // A question from before a gap proves no silence: nobody listened in between.
  if (clocks.resumed_at) start = std::max(*start, *clocks.resumed_at);
  if (now - *start >= owes_after) clocks.silent_since = start;
}

void advance_alarms(health_clocks& clocks, const broker_view& broker, base::time_point now) {
  const bool another = broker.link.creation != 0 && clocks.creation != broker.link.creation;
  if (another) clocks.alarm_since.clear();
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

bool is_hung(const health_clocks& clocks, const health_settings& settings, base::time_point now) {
  return clocks.silent_since && now - *clocks.silent_since >= settings.hang_timeout;
}

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
