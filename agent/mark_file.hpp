#pragma once

#include "agent/domain/formation_types.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace warren::agent {

// The mark of a data volume: DATA_DIR/.warren-mark.json, beside the nodes' own folders, where an
// unknown file would make Mnesia take a virgin node for one with data.
std::string mark_path(const std::string& data_dir);

// JSON. Decoding is total and fails with bad_message for what is no mark.
std::string encode(const domain::mark& mark);
base::result<domain::mark> decode_mark(std::string_view bytes);

// The mark, or nothing if there is none (data_dir may be missing too). Fails, naming path and cure,
// if it cannot be read or is damaged: that is never taken for no mark. Blocks: for local files
// only.
base::result<std::optional<domain::mark>> read_mark(const std::string& data_dir);

// Writes the mark so that it survives a crash of the machine. Makes data_dir (not its parent) if it
// is not there, writable for the group, to which the broker's user belongs. Fails with path and
// cure. Blocks for as long as the disk takes.
base::result<void> write_mark(const std::string& data_dir, const domain::mark& mark);

}  // namespace warren::agent
