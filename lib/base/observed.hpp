#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <optional>
#include <utility>

namespace warren::base {

// What a look at the world gave. Keeps "could not look" apart from "looked, and saw nothing":
// a failed look leaves the last value and its time in place and sets last_error, so nothing
// destructive may follow from a value without asking how old it is.
template <class T>
struct observed {
  std::optional<T> value;             // the last value that was seen
  std::optional<time_point> seen_at;  // when value was last confirmed
  std::optional<failure> last_error;  // why the latest look failed; empty after a good one

  void saw(T v, time_point now) {
    value = std::move(v);
    confirmed(now);
  }
  // The value is known to be as it was (a watch bookmark, an unchanged poll).
  void confirmed(time_point now) {
    seen_at = now;
    last_error.reset();
  }
  void failed(failure why) { last_error = std::move(why); }

  [[nodiscard]] std::optional<duration> age(time_point now) const {
    if (!seen_at) return std::nullopt;
    return now - *seen_at;
  }
  // True if the latest look succeeded.
  [[nodiscard]] bool current() const { return value.has_value() && !last_error; }
};

}  // namespace warren::base
