#pragma once

#include "async/awaitable.hpp"
#include "erldist/epmd_codec.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>

namespace warren::erldist {

// Asks EPMD at that address for the node that is called `alive` before its @. Ends by `deadline`.
// Fails with epmd_refused, epmd_unreachable, epmd_timeout, epmd_closed, epmd_protocol or
// node_not_registered.
async::awaitable<base::result<epmd_answer>> look_up(async::asio::ip::address address,
                                                    std::uint16_t port, std::string alive,
                                                    base::time_point deadline);

}  // namespace warren::erldist
