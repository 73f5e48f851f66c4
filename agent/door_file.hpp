#pragma once

#include "agent/domain/formation_types.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace warren::agent {

// The door in conf_dir/90-warren.conf, or nothing if there is no such file. Fails, naming path and
// cure, if it cannot be read or is not Warren's: a broker may have been told something by it.
// Blocks: for local files only.
base::result<std::optional<domain::door>> read_door(const std::string& conf_dir);

// Whether write_door() may be expected to succeed: others wait for a founder that cannot start.
base::result<void> may_write_door(const std::string& conf_dir);

// Writes the door for `node` in one step, so that it survives a crash of the machine. Fails with
// path and cure, or if a name in it is none that may stand in the file. Blocks for as long as the
// disk takes.
base::result<void> write_door(const std::string& conf_dir, const domain::door& door,
                              std::string_view node);

}  // namespace warren::agent
