#include "kubernetes/event_spam_filter.hpp"

#include <algorithm>
#include <chrono>

namespace warren::kubernetes {

event_spam_filter::event_spam_filter(event_spam_settings settings) : settings_(settings) {}

bool event_spam_filter::admit(const object_reference& object, event_type type,
                              base::time_point now) {
  const auto [found, fresh] =
      buckets_.try_emplace({type, object}, bucket{.tokens = settings_.burst, .at = now});
  bucket& own = found->second;
  const std::chrono::duration<double> passed = now - own.at;
  const std::chrono::duration<double> refill = settings_.refill;
  own.tokens = std::min(settings_.burst, own.tokens + passed / refill);
  own.at = now;
  const bool admitted = own.tokens >= 1;
  if (admitted) own.tokens -= 1;
  if (fresh && buckets_.size() > settings_.max_objects) forget_quietest();
  return admitted;
}

void event_spam_filter::forget_quietest() {
  buckets_.erase(
      std::ranges::min_element(buckets_, {}, [](const auto& entry) { return entry.second.at; }));
}

}  // namespace warren::kubernetes
