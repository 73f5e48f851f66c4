#pragma once

#include "base/result.hpp"

#include <string>

namespace warren::agent {

// The link has the name of the broker's own tool.
constexpr const char* diagnostics_name = "rabbitmq-diagnostics";

// Copies `program` into a folder that another container mounts, as FOLDER/warren with mode 0755, in
// one step: who starts it meanwhile gets the old program or the new one. With `link` there is
// FOLDER/rabbitmq-diagnostics too, a relative link to it. May be done again at any time. The
// failure's detail ends with the cure. Blocks: for local files only.
base::result<void> install(const std::string& program, const std::string& folder, bool link);

}  // namespace warren::agent
