#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace warren::testing {

struct listening_socket {
  int descriptor = -1;     // owned by the caller
  std::uint16_t port = 0;  // chosen by the kernel
};

// A TCP socket that listens on the loopback address (::1 if `ipv6`). Throws system_error.
listening_socket listen_on_loopback(bool ipv6 = false, int backlog = 1024);

// A connected descriptor, owned by the caller. Throws system_error.
int connect_to_loopback(std::uint16_t port);

// A plain connection on which a test says what it likes.
class raw_tcp {
 public:
  explicit raw_tcp(const async::asio::any_io_executor& executor) : socket_(executor) {}
  // Owns `descriptor`, a connected IPv4 socket, from then on.
  raw_tcp(const async::asio::any_io_executor& executor, int descriptor)
      : socket_(executor, async::asio::ip::tcp::v4(), descriptor) {}

  async::awaitable<void> connect(std::uint16_t port, bool ipv6 = false);
  async::awaitable<void> send(std::string bytes);
  // Everything up to the peer's close or reset. Throws std::runtime_error after `limit`.
  async::awaitable<std::string> read_to_end(
      std::chrono::steady_clock::duration limit = std::chrono::seconds(3));
  // Everything up to and with `mark`. Throws std::runtime_error if it does not come.
  async::awaitable<std::string> read_until(std::string mark);
  // True if the peer has closed or reset the connection within `limit`.
  async::awaitable<bool> closed_within(std::chrono::steady_clock::duration limit);
  void close() { socket_.close(); }

 private:
  async::asio::ip::tcp::socket socket_;
  std::string left_;  // read behind a mark
};

// One new connection: sends `bytes`, reads to the end.
async::awaitable<std::string> exchange_raw(std::uint16_t port, std::string bytes);

}  // namespace warren::testing
