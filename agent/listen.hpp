#pragma once

#include "base/descriptor.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>

namespace warren::agent {

// Opens a non-blocking listening TCP socket on an IP address ("::", "0.0.0.0", "127.0.0.1") and a
// port (0: the system chooses). "::" takes IPv4 as well, and is 0.0.0.0 where the machine has no
// IPv6. The failure names the address, the cause and, for a port in use, the cure.
base::result<base::descriptor> open_listener(const std::string& address, std::uint16_t port);

// The port that a listening socket got.
std::uint16_t local_port(const base::descriptor& listener);

}  // namespace warren::agent
