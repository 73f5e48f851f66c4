#pragma once

#include "etf/term.hpp"

#include <cstddef>
#include <string>

namespace warren::etf {

// The term as Erlang's shell would print it, on one line, for logs and error texts. At most `limit`
// bytes; "..." stands for what was left out. Characters that are not printable are escaped.
std::string to_text(const term& t, std::size_t limit = 200);

}  // namespace warren::etf
