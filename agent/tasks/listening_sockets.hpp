#pragma once

#include "base/descriptor.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace warren::agent {

// Which TCP ports are listened on in this network namespace. Asks the kernel's socket diagnostics
// (sock_diag(7)), which go through the listening sockets alone: 20 microseconds. Where those are
// not to be had it reads /proc/net/tcp and tcp6, which go through every connection of the machine.
class listening_sockets {
 public:
  // The ports, sorted, of IPv4 and IPv6. Blocks for the time of the kernel's answer. Fails with the
  // system's error if neither way is there.
  base::result<std::vector<std::uint16_t>> ports();

 private:
  base::descriptor netlink_;
  bool no_netlink_ = false;
};

// What one message of the kernel's answer held.
enum class diag_message { more, done, broken };

// Collects the ports of a buffer of netlink messages (inet_diag_msg each). Total.
diag_message collect_from_diag(std::span<const std::byte> messages,
                               std::vector<std::uint16_t>& ports);

// Collects the ports from the text of /proc/net/tcp or tcp6 (proc(5)), whole lines. False once a
// socket that does not listen has come: the kernel lists those that do first. Lines that it does
// not understand are passed over.
bool collect_from_proc(std::string_view lines, std::vector<std::uint16_t>& ports);

}  // namespace warren::agent
