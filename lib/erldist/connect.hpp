#pragma once

#include "async/awaitable.hpp"
#include "base/secret.hpp"
#include "erldist/connection.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace warren::erldist {

struct connect_target {
  std::vector<async::asio::ip::address> addresses;  // of the node's host, tried in this order
  std::uint16_t epmd_port = 4369;
  std::string node;      // "rabbit@rmq-0.rmq": what answers must call itself so
  std::string own_name;  // "warren-rmq-0@rmq-0.rmq": one that no other node has
  base::secret cookie;
  std::uint32_t creation = 1;  // of this program's incarnation, not 0
};

// For each phase and each address.
struct connect_limits {
  base::duration epmd = std::chrono::seconds(2);
  base::duration connect = std::chrono::seconds(2);
  base::duration handshake = std::chrono::seconds(7);  // the node's own limit: net_setuptime
};

// Looks the node up in EPMD, connects and shakes hands. Fails with the errc of the phase; which
// ones mean that the node is away, silent or not what was expected, classify() tells. Of several
// addresses the failure that tells most is given, the first of those that tell the same: an address
// without a way to it, such as ::1 in a pod without IPv6, says nothing.
async::awaitable<base::result<std::unique_ptr<connection>>> connect(connect_target target,
                                                                    connect_limits limits,
                                                                    connection_settings settings);

}  // namespace warren::erldist
