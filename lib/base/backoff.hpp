#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>

namespace warren::base {

struct backoff_settings {
  duration first = std::chrono::milliseconds(800);
  duration cap = std::chrono::seconds(30);
  double factor = 2.0;
  double jitter = 1.0;  // a delay d becomes one between d and d * (1 + jitter)
  duration reset_after = std::chrono::minutes(2);  // a quiet time after which the next is `first`
};

// Exponential delays with jitter. The defaults are those of client-go's reflector: with factor 2
// and jitter 1 from 0.8 to 30 s an outage costs each agent about 0.03 requests a second.
class backoff {
 public:
  explicit backoff(backoff_settings settings, std::uint64_t seed);

  // The delay before the next attempt, after a failure at `now`. Never less than 1 ms.
  duration next(time_point now);
  void reset();

 private:
  backoff_settings settings_;
  std::uint64_t state_;
  duration current_;
  std::optional<time_point> last_;
};

}  // namespace warren::base
