#pragma once

#include "base/descriptor.hpp"
#include "base/result.hpp"

#include <string>

namespace warren::agent {

// Opens a non-blocking listening Unix socket at `path`, for its owner and group alone (mode 0660).
// The socket of an agent that is no more is replaced in one step; that of one that lives is not,
// and neither is a file of another kind. The failure names the path, the cause and the cure.
base::result<base::descriptor> open_admin_socket(const std::string& path);

// Tells an admin socket from the others.
bool is_unix_socket(const base::descriptor& socket);

}  // namespace warren::agent
