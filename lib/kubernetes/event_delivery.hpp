#pragma once

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "kubernetes/event_json.hpp"
#include "kubernetes/event_series.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace warren::kubernetes {

struct event_delivery_settings {
  std::size_t max_queued = 1000;  // beyond it the oldest is dropped
  int max_tries = 12;             // of one Event while the API is away: about 7 minutes
  base::backoff_settings backoff{.first = std::chrono::seconds(1),
                                 .cap = std::chrono::seconds(60),
                                 .factor = 2.0,
                                 .jitter = 0.25,
                                 .reset_after = std::chrono::minutes(10)};
  base::duration forbidden_pause = std::chrono::minutes(5);  // after 403 from both APIs
  base::duration max_retry_after = std::chrono::minutes(5);  // what of a Retry-After is obeyed
};

// Where what was recorded has ended: each write is counted once.
struct event_counters {
  std::uint64_t written = 0;    // Events created
  std::uint64_t patched = 0;    // counts of a series updated
  std::uint64_t dropped = 0;    // by the spam filter, or the queue was full
  std::uint64_t forbidden = 0;  // 403
  std::uint64_t failed = 0;     // refused for another reason, or given up after max_tries
};

// Why Events do not arrive.
enum class event_problem {
  forbidden,    // 403 from both APIs
  not_found,    // 404 from both APIs: there is no such namespace
  refused,      // the API server does not take this Event: 400, 422
  unreachable,  // no answer, or a server in trouble, for max_tries
};

struct event_request {
  event_api api = event_api::events_v1;
  event_write write;
};

// What came back: an HTTP status and its Retry-After, or 0 for none.
struct event_answer {
  int status = 0;
  std::optional<base::duration> retry_after;
};

// The queue of writes and the decision what to send next, one after another. Prefers
// events.k8s.io/v1; changes to core/v1 when that is missing or forbidden, and stays there until
// core/v1 itself refuses. Pure.
class event_delivery {
 public:
  explicit event_delivery(event_delivery_settings settings = {}, std::uint64_t seed = 1);

  void push(event_write write);

  // What to send at `now`; nothing if nothing is queued or it is to wait. Give its answer to
  // answered(); asked again before that, it gives the same.
  std::optional<event_request> next(base::time_point now);

  // Takes the answer to the request that next() gave. Returns a problem when it is a new one:
  // each is told once until a request has succeeded.
  std::optional<event_problem> answered(const event_answer& answer, base::time_point now);

  // When next() has something again; nothing if nothing is queued.
  [[nodiscard]] std::optional<base::time_point> wake_at() const;

  void count_dropped() { ++counters_.dropped; }
  [[nodiscard]] const event_counters& counters() const { return counters_; }

 private:
  struct refusals {  // of the current write, by 403 or 404; 0 for not asked
    int events_v1 = 0;
    int core_v1 = 0;
  };

  void succeeded(bool created);
  std::optional<event_problem> refused_by_api(int status, base::time_point now);
  std::optional<event_problem> try_later(const event_answer& answer, base::time_point now);
  std::optional<event_problem> finish(std::uint64_t& counter, event_problem why);

  event_delivery_settings settings_;
  base::backoff backoff_;
  std::deque<event_write> queue_;
  std::optional<event_write> current_;  // taken from the queue, so that a full queue spares it
  event_api api_ = event_api::events_v1;
  refusals refusals_;
  int tries_ = 0;
  base::time_point not_before_ = base::time_point::min();
  base::time_point no_patch_before_ = base::time_point::min();  // patches alone are forbidden
  std::optional<event_problem> told_;
  event_counters counters_;
};

}  // namespace warren::kubernetes
