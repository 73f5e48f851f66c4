#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace warren::base {

// Reads a small file (a token, a CA, a configuration). Fails with the system's error, or with
// file_too_large beyond `limit` bytes. Blocks: for local files only.
result<std::string> read_file(const std::string& path, std::size_t limit);

// Writes `text` to a new file beside `path` (mode 0644) and renames it over `path`: a reader sees
// the old text or the new one. It is not synced to the disk, which a busy broker may hold up for
// seconds: for files that are written anew after a crash of the machine. For local files only.
result<void> write_file_atomically(const std::string& path, std::string_view text);

}  // namespace warren::base
