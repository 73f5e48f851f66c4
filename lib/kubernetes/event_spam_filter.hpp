#pragma once

#include "base/clock.hpp"
#include "kubernetes/event.hpp"

#include <cstddef>
#include <map>
#include <utility>

namespace warren::kubernetes {

// client-go's numbers (tools/record/events_cache.go).
struct event_spam_settings {
  double burst = 25;                                  // new Events about one object at once
  base::duration refill = std::chrono::seconds(300);  // for one more
  std::size_t max_objects = 64;  // beyond it the one longest quiet is forgotten
};

// A token bucket per object and type, so that no fault that changes its words each second fills
// the cluster's store. Normal Events never use up what warnings may need.
class event_spam_filter {
 public:
  explicit event_spam_filter(event_spam_settings settings = {});

  // True if a new Event about `object` may be written at `now`; it is then taken as written.
  bool admit(const object_reference& object, event_type type, base::time_point now);

 private:
  struct bucket {
    double tokens = 0;
    base::time_point at;
  };

  void forget_quietest();

  event_spam_settings settings_;
  std::map<std::pair<event_type, object_reference>, bucket> buckets_;
};

}  // namespace warren::kubernetes
