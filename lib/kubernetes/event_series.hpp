#pragma once

#include "base/clock.hpp"
#include "kubernetes/event.hpp"
#include "kubernetes/event_spam_filter.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace warren::kubernetes {

// client-go's numbers (tools/events/event_broadcaster.go).
struct event_series_settings {
  base::duration end_after = std::chrono::minutes(6);       // without a repeat
  base::duration refresh_every = std::chrono::minutes(30);  // of a series that goes on: the API
                                                            // server forgets Events after an hour
  std::size_t max_events = 256;  // remembered; beyond it the one longest quiet is ended
  event_spam_settings spam;
};

// A request to the API: `patch` sets the count and the last time of an Event that was created.
struct event_write {
  enum class verb { create, patch };
  verb how = verb::create;
  event_record event;
};

enum class event_fate {
  created,
  patched,  // the first repeat: a series begins
  counted,  // a further repeat: written with the next refresh, or when the series ends
  dropped,  // by the spam filter
};

struct event_decision {
  event_fate fate = event_fate::dropped;
  std::vector<event_write> writes;  // in order; those that were due go first
};

// Turns what is recorded into Event objects: the first becomes one, its repeats within six minutes
// of each other are a series of it. As in client-go's core recorder an event with another note is
// another event. Bounded in memory; in requests too, as a new Event costs three at most, and one
// per refresh. Pure: `now` decides, the wall-clock time is only written down.
class event_series {
 public:
  explicit event_series(event_series_settings settings = {});

  event_decision record(event what, base::time_point now, base::wall_time at);

  // The refreshes, and the last counts of series that have ended by `now`.
  std::vector<event_write> due(base::time_point now);
  // When due() next has something to do.
  [[nodiscard]] std::optional<base::time_point> next_due() const;
  // Ends every series: what is not written yet.
  std::vector<event_write> end_all();

 private:
  struct entry {
    event_record record;
    base::time_point seen;     // the last time
    base::time_point written;  // when the latest write was decided
    std::uint32_t written_count = 1;
  };
  using entries = std::map<event, entry>;

  [[nodiscard]] base::time_point due_at(const entry& e) const;
  void end(entries::iterator which, std::vector<event_write>& writes);

  event_series_settings settings_;
  event_spam_filter spam_;
  entries entries_;
  base::wall_time last_name_;  // two Events never share a name, even if the clock stands still
};

}  // namespace warren::kubernetes
