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
// the old text or the new one. The new file's name begins with draft_of(path). It is not synced to
// the disk, which a busy broker may hold up for seconds: for files that are written anew after a
// crash of the machine. For local files only.
result<void> write_file_atomically(const std::string& path, std::string_view text);

// The same, and once it returns, the new text is what is there after a crash of the machine too:
// the file is synced before it is renamed, and its folder afterwards. When it fails, the old text
// or the new one is there. Blocks for as long as the disk takes.
result<void> write_file_durably(const std::string& path, std::string_view text);

// Copies a file of any size over `to` in the same way, with mode 0755. The failure's detail is
// `from` if that cannot be read.
result<void> copy_program_durably(const std::string& from, const std::string& to);

// Makes what was created, renamed or removed in a folder outlast a crash of the machine. Blocks
// too.
result<void> sync_folder(const std::string& folder);

// What the names of the files begin with that a writer of `path` leaves behind when it is killed:
// "DIR/.NAME.new.". Hidden, and before NAME in the order of names, for those who read all of a
// folder.
std::string draft_of(const std::string& path);

}  // namespace warren::base
