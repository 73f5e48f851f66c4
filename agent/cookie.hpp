#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"

#include <string>

namespace warren::agent {

// The Erlang cookie: `given` unless it is empty, else the content of `file` up to the first line
// end or blank, as Erlang reads it. Fails with the system's error, or with invalid_argument if the
// file is empty; the detail names the file and the cure.
base::result<base::secret> read_cookie(const base::secret& given, const std::string& file);

}  // namespace warren::agent
