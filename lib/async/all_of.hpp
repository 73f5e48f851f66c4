#pragma once

#include "async/awaitable.hpp"

#include <vector>

namespace warren::async {

// Runs all operations side by side and ends when every one has ended. Rethrows the first exception
// in the order of the list; cancellation of the caller reaches each of them.
awaitable<void> all_of(std::vector<awaitable<void>> operations);

}  // namespace warren::async
