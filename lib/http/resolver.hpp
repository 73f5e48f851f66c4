#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace warren::http {

// The addresses of one host. An IP literal costs nothing; a name is looked up in the background,
// because a look-up cannot be cancelled: it outlives both its caller and this object, and its
// answer is kept for the next caller.
class resolver {
 public:
  resolver(const async::asio::any_io_executor& executor, std::string host, std::uint16_t port);

  // Fails with resolve_failed or resolve_timeout; an older answer is better than either.
  async::awaitable<base::result<std::vector<async::asio::ip::tcp::endpoint>>> addresses(
      base::time_point deadline);

 private:
  struct lookup;
  std::shared_ptr<lookup> lookup_;
};

}  // namespace warren::http
