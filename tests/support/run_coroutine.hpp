#pragma once

#include "async/awaitable.hpp"

#include <chrono>
#include <functional>

namespace warren::testing {

// Runs `body` on an io_context of its own until it has ended and nothing is left over. Rethrows its
// exception. Throws std::runtime_error if it has not ended within `limit`, or if work is left over
// 200 ms after it has ended: a leaked task fails the test.
void run_coroutine(std::function<async::awaitable<void>()> body,
                   std::chrono::steady_clock::duration limit = std::chrono::seconds(10));

// Waits until `condition` holds, looking every millisecond. Throws std::runtime_error(what) if it
// does not within `limit`.
async::awaitable<void> poll_until(
    std::function<bool()> condition, std::string what,
    std::chrono::steady_clock::duration limit = std::chrono::seconds(5));

// Lets everything run that waits for nothing but its turn on the caller's executor.
async::awaitable<void> let_others_run();

}  // namespace warren::testing
