#include "tests/support/raw_tcp.hpp"

#include "async/as_result.hpp"
#include "async/with_deadline.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>

namespace warren::testing {
namespace {

using async::awaitable;
namespace asio = async::asio;
using asio::ip::tcp;

void require(bool ok, const char* what) {
  if (!ok) throw boost::system::system_error(errno, boost::system::system_category(), what);
}

awaitable<bool> drain(tcp::socket& socket, std::string& into) {
  std::array<char, 16384> piece;
  for (;;) {
    auto [ec, n] = co_await socket.async_read_some(asio::buffer(piece), async::as_tuple);
    if (ec) co_return true;
    into.append(piece.data(), n);
  }
}

}  // namespace

listening_socket listen_on_loopback(bool ipv6, int backlog) {
  const asio::ip::address address = ipv6 ? asio::ip::address(asio::ip::address_v6::loopback())
                                         : asio::ip::address(asio::ip::address_v4::loopback());
  tcp::endpoint endpoint(address, 0);
  listening_socket out;
  out.descriptor = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(out.descriptor >= 0, "socket");
  require(::bind(out.descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0,
          "bind");
  require(::listen(out.descriptor, backlog) == 0, "listen");
  auto length = static_cast<socklen_t>(endpoint.capacity());
  require(::getsockname(out.descriptor, endpoint.data(), &length) == 0, "getsockname");
  out.port = endpoint.port();
  return out;
}

int connect_to_loopback(std::uint16_t port) {
  const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(descriptor >= 0, "socket");
  require(::connect(descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0,
          "connect");
  return descriptor;
}

awaitable<void> raw_tcp::connect(std::uint16_t port, bool ipv6) {
  asio::ip::address address = asio::ip::address_v4::loopback();
  if (ipv6) address = asio::ip::address_v6::loopback();
  const tcp::endpoint endpoint(address, port);
  co_await socket_.async_connect(endpoint, async::use_awaitable);
}

awaitable<void> raw_tcp::send(std::string bytes) {
  co_await asio::async_write(socket_, asio::buffer(bytes), async::use_awaitable);
}

awaitable<std::string> raw_tcp::read_to_end(std::chrono::steady_clock::duration limit) {
  std::string out = std::move(left_);
  left_.clear();
  auto bounded = async::with_deadline(base::steady::now() + limit, drain(socket_, out));
  const base::result<bool> ended = co_await async::as_result(std::move(bounded));
  if (!ended) throw std::runtime_error("the peer has not closed the connection; it sent: " + out);
  co_return out;
}

awaitable<std::string> raw_tcp::read_until(std::string mark) {
  auto read =
      asio::async_read_until(socket_, asio::dynamic_buffer(left_), mark, async::use_awaitable);
  auto bounded =
      async::with_deadline(base::steady::now() + std::chrono::seconds(3), std::move(read));
  const base::result<std::size_t> n = co_await async::as_result(std::move(bounded));
  if (!n) throw std::runtime_error("not received: " + mark + "; but: " + left_);
  std::string out = left_.substr(0, *n);
  left_.erase(0, *n);
  co_return out;
}

awaitable<bool> raw_tcp::closed_within(std::chrono::steady_clock::duration limit) {
  std::string ignored;
  auto bounded = async::with_deadline(base::steady::now() + limit, drain(socket_, ignored));
  const base::result<bool> ended = co_await async::as_result(std::move(bounded));
  co_return ended.has_value();
}

awaitable<std::string> exchange_raw(std::uint16_t port, std::string bytes) {
  raw_tcp client(co_await asio::this_coro::executor);
  co_await client.connect(port);
  co_await client.send(std::move(bytes));
  co_return co_await client.read_to_end();
}

}  // namespace warren::testing
