#pragma once

#include "base/clock.hpp"

#include <span>
#include <string>

namespace warren::domain {

// "a, b and 3 more": at most eight names.
std::string some_of(std::span<const std::string> names);

// "0.2s", "12s", "5m10s".
std::string text(base::duration d);

}  // namespace warren::domain
