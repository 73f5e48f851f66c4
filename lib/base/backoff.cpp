#include "base/backoff.hpp"

#include <algorithm>
#include <random>

namespace warren::base {

backoff::backoff(backoff_settings settings, std::uint64_t seed)
    : settings_(settings), state_(seed), current_(settings.first) {}

duration backoff::next(time_point now) {
  if (last_ && now - *last_ > settings_.reset_after) current_ = settings_.first;
  last_ = now;
  std::mt19937_64 random(state_++);
  const double stretch =
      1.0 + settings_.jitter * std::uniform_real_distribution<>(0.0, 1.0)(random);
  const auto delay = std::chrono::duration_cast<duration>(current_ * stretch);
  current_ =
      std::min(settings_.cap, std::chrono::duration_cast<duration>(current_ * settings_.factor));
  return std::max<duration>(delay, std::chrono::milliseconds(1));
}

void backoff::reset() {
  current_ = settings_.first;
  last_.reset();
}

}  // namespace warren::base
