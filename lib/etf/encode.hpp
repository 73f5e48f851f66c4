#pragma once

#include "etf/term.hpp"

#include <string>

namespace warren::etf {

// The term's bytes, with the version byte 131 in front. Throws std::length_error for what no node
// would accept: an atom of more than 65535 bytes, a container of more than 2^32 - 1 elements.
std::string encode(const term& t);

// The same, appended to `out`.
void append(std::string& out, const term& t);

}  // namespace warren::etf
