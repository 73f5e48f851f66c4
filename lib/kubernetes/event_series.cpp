#include "kubernetes/event_series.hpp"

#include <algorithm>
#include <utility>

namespace warren::kubernetes {

event_series::event_series(event_series_settings settings)
    : settings_(settings), spam_(settings.spam) {}

event_decision event_series::record(event what, base::time_point now, base::wall_time at) {
  event_decision decision{.fate = event_fate::dropped, .writes = due(now)};
  what.note = event_note(what.note);

  const auto found = entries_.find(what);
  if (found != entries_.end()) {
    entry& e = found->second;
    ++e.record.count;
    e.record.last_seen = at;
    e.seen = now;
    decision.fate = event_fate::counted;
    if (e.record.count == 2) {
      e.written = now;
      e.written_count = 2;
      decision.fate = event_fate::patched;
      decision.writes.push_back({event_write::verb::patch, e.record});
    }
    return decision;
  }

  if (!spam_.admit(what.object, what.type, now)) return decision;
  if (entries_.size() >= settings_.max_events) {
    end(std::ranges::min_element(entries_, {}, [](const auto& e) { return e.second.seen; }),
        decision.writes);
  }
  last_name_ = std::max(at, last_name_ + base::wall_clock::duration(1));
  event_record created{.what = what,
                       .name = event_name(what.object.name, last_name_),
                       .first_seen = at,
                       .last_seen = at,
                       .count = 1};
  decision.fate = event_fate::created;
  decision.writes.push_back({event_write::verb::create, created});
  entries_.emplace(std::move(what),
                   entry{.record = std::move(created), .seen = now, .written = now});
  return decision;
}

std::vector<event_write> event_series::due(base::time_point now) {
  std::vector<event_write> writes;
  for (auto next = entries_.begin(); next != entries_.end();) {
    const auto here = next++;
    entry& e = here->second;
    if (e.seen + settings_.end_after <= now) {
      end(here, writes);
    } else if (due_at(e) <= now) {
      e.written = now;
      e.written_count = e.record.count;
      writes.push_back({event_write::verb::patch, e.record});
    }
  }
  return writes;
}

std::optional<base::time_point> event_series::next_due() const {
  std::optional<base::time_point> first;
  for (const auto& [what, e] : entries_) first = std::min(first.value_or(due_at(e)), due_at(e));
  return first;
}

std::vector<event_write> event_series::end_all() {
  std::vector<event_write> writes;
  while (!entries_.empty()) end(entries_.begin(), writes);
  return writes;
}

base::time_point event_series::due_at(const entry& e) const {
  const base::time_point ends = e.seen + settings_.end_after;
  return e.record.count < 2 ? ends : std::min(ends, e.written + settings_.refresh_every);
}

void event_series::end(entries::iterator which, std::vector<event_write>& writes) {
  const entry& e = which->second;
  if (e.record.count > e.written_count) writes.push_back({event_write::verb::patch, e.record});
  entries_.erase(which);
}

}  // namespace warren::kubernetes
