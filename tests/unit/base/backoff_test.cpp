#include "base/backoff.hpp"

#include "tests/support/catch.hpp"

using namespace std::chrono_literals;
using warren::base::backoff;
using warren::base::time_point;

TEST_CASE("a backoff doubles up to its cap and stays within its jitter") {
  backoff delays({.first = 100ms, .cap = 1s, .factor = 2.0, .jitter = 0.5}, 7);
  const time_point now{};
  for (const auto least : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    const auto delay = delays.next(now);
    CHECK(delay >= least);
    CHECK(delay <= least * 1.5);
  }
}

TEST_CASE("a backoff starts anew after a quiet time and after a success") {
  backoff delays({.first = 100ms, .cap = 10s, .factor = 10.0, .jitter = 0.0, .reset_after = 1min},
                 7);
  const time_point start{};
  delays.next(start);
  CHECK(delays.next(start) == 1s);
  CHECK(delays.next(start + 61s) == 100ms);
  CHECK(delays.next(start + 61s) == 1s);
  delays.reset();
  CHECK(delays.next(start + 61s) == 100ms);
}

TEST_CASE("a backoff never gives a zero delay") {
  backoff delays({.first = 0s, .jitter = 0.0}, 7);
  CHECK(delays.next(time_point{}) >= 1ms);
}
