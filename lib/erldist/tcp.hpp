#pragma once

#include "async/awaitable.hpp"
#include "erldist/errc.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace warren::erldist {

// Which errc stands for which way to fail.
struct connect_codes {
  errc refused;
  errc unreachable;
  errc timeout;
};

// A connected socket with TCP_NODELAY. Ends by `deadline`; fails with one of the codes.
async::awaitable<base::result<async::asio::ip::tcp::socket>> connect_tcp(
    async::asio::ip::tcp::endpoint endpoint, connect_codes codes, base::time_point deadline);

}  // namespace warren::erldist
