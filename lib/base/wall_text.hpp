#pragma once

#include "base/clock.hpp"

#include <string>

namespace warren::base {

enum class precision { seconds, milliseconds, microseconds };

// RFC 3339 in UTC, with no, three or six digits behind the seconds: "2023-11-14T22:13:20.007Z".
// Rounded down. For the years from 0 to 9999.
std::string rfc3339(wall_time at, precision digits);

}  // namespace warren::base
