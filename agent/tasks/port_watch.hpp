#pragma once

#include "agent/domain/broker.hpp"
#include "async/awaitable.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace warren::agent {

// Where to reach a listener from beside the broker, in the order of trying: its own address, or
// loopback where it listens on every address.
std::vector<std::string> connect_addresses(const domain::listener& l);

// Really connects to each listener, all at the same time, and closes at once. One that refuses, or
// whose queue takes no connection before `deadline`, does not accept; one that cannot be tried from
// here (no way to its address) counts as accepting. Fails if this process itself is short of
// something, such as descriptors: that is no verdict. Ends by `deadline`. At most max_listeners are
// tried; the rest count as accepting.
async::awaitable<base::result<std::vector<domain::port_view>>> connect_to_all(
    std::vector<domain::listener> listeners, base::time_point deadline);
constexpr std::size_t max_listeners = 64;

// The listeners for whose port no socket listens (`ports`: sorted).
std::vector<domain::listener> without_socket(std::span<const domain::listener> listeners,
                                             std::span<const std::uint16_t> ports);

}  // namespace warren::agent
