#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace warren::agent {

// The ports of the listening sockets in the text of /proc/net/tcp or tcp6 (proc(5)). Ends at the
// first socket that does not listen: the kernel lists the listening ones first, so a broker with
// 100,000 connections costs no more than an idle one. Lines it does not understand are passed over.
// Returns false once it has seen the end of them; feed the text in pieces of whole lines.
bool collect_listening_ports(std::string_view lines, std::vector<std::uint16_t>& ports);

// The TCP ports, sorted, on which anything listens in this network namespace (IPv4 and IPv6).
// Blocks for the time of two short reads of /proc. Fails if /proc is not there.
base::result<std::vector<std::uint16_t>> listening_ports();

}  // namespace warren::agent
