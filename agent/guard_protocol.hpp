#pragma once

#include "agent/carried_state.hpp"

#include <cstddef>

namespace warren::agent {

// The messages from a worker to its guard, over SOCK_SEQPACKET: one byte that says which, and for
// the state its bytes.
enum class guard_message : char { heartbeat = 'H', state = 'S' };

constexpr std::size_t max_guard_message = 1 + max_carried_state;

}  // namespace warren::agent
