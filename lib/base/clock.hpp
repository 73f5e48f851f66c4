#pragma once

#include <chrono>

namespace warren::base {

// Decisions and deadlines use monotonic time only: a step of the wall clock changes none of them.
// It is the machine's, so a time point keeps its meaning in another process of the same pod.
using steady = std::chrono::steady_clock;
using time_point = steady::time_point;
using duration = steady::duration;

// Wall-clock time is for what people read: Events, answers, logs.
using wall_clock = std::chrono::system_clock;
using wall_time = wall_clock::time_point;

}  // namespace warren::base
