#pragma once

#include "async/awaitable.hpp"
#include "async/task_group.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace warren::testing {

// Answers the n-th connection with the n-th text, whatever is asked, and closes it: for answers
// that no well-made server gives. stop() before it is destroyed.
class canned_server {
 public:
  canned_server(const async::asio::any_io_executor& executor, std::vector<std::string> answers,
                bool ipv6 = false);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::size_t answered() const { return answered_; }
  async::awaitable<void> stop();

 private:
  async::awaitable<void> serve();

  async::asio::ip::tcp::acceptor acceptor_;
  std::vector<std::string> answers_;
  std::uint16_t port_ = 0;
  std::size_t answered_ = 0;
  async::task_group tasks_;
};

}  // namespace warren::testing
