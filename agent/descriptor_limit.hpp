#pragma once

#include <cstddef>

namespace warren::agent {

// Raises the soft limit of this process's descriptors (RLIMIT_NOFILE) to `wanted`, or as near to it
// as the hard limit lets. Never lowers it; where the system refuses, it stays as it is.
void raise_descriptor_limit(std::size_t wanted);

}  // namespace warren::agent
