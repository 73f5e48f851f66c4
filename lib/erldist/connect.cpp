#include "erldist/connect.hpp"

#include "async/as_result.hpp"
#include "async/with_deadline.hpp"
#include "erldist/epmd.hpp"
#include "erldist/errc.hpp"
#include "erldist/node_name.hpp"
#include "erldist/tcp.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <optional>
#include <random>
#include <utility>

namespace warren::erldist {
namespace {

namespace asio = async::asio;
using asio::ip::tcp;

// What the end of the stream means. A cancelled operation has not seen it.
base::failure ended(const base::error_code& ec, const handshake& hands) {
  if (ec == asio::error::operation_aborted) throw boost::system::system_error(ec);
  return hands.closed();
}

async::awaitable<base::result<void>> exchange(tcp::socket& socket, handshake& hands) {
  std::array<char, 1024> chunk{};
  for (;;) {
    const std::string output = hands.take_output();
    if (!output.empty()) {
      auto [ec, sent] = co_await asio::async_write(socket, asio::buffer(output), async::as_tuple);
      if (ec) co_return ended(ec, hands);
    }
    if (hands.done()) co_return base::result<void>();
    auto [ec, size] = co_await socket.async_read_some(asio::buffer(chunk), async::as_tuple);
    if (ec) co_return ended(ec, hands);
    const auto received = hands.receive(std::string_view(chunk.data(), size));
    if (!received) co_return received.error();
  }
}

async::awaitable<base::result<std::unique_ptr<connection>>> connect_to(
    const connect_target& target, const asio::ip::address& address, const std::string& alive,
    const connect_limits& limits, const connection_settings& settings) {
  const auto found =
      co_await look_up(address, target.epmd_port, alive, base::steady::now() + limits.epmd);
  if (!found) co_return found.error();

  const connect_codes codes{errc::connect_refused, errc::connect_unreachable,
                            errc::connect_timeout};
  const tcp::endpoint endpoint(address, found->port);
  auto socket = co_await connect_tcp(endpoint, codes, base::steady::now() + limits.connect);
  if (!socket) co_return socket.error();

  handshake hands({.own_name = target.own_name,
                   .peer_name = target.node,
                   .cookie = target.cookie,
                   .creation = target.creation,
                   .challenge = std::random_device{}()});
  auto bounded =
      async::with_deadline(base::steady::now() + limits.handshake, exchange(*socket, hands));
  const auto shaken = co_await async::as_result(std::move(bounded));
  if (!shaken) co_return base::failure(errc::handshake_timeout, target.node);
  if (!*shaken) co_return shaken->error();

  // Another process each time: an answer owed to an earlier link of the same name must not pass for
  // one of this link's. 15 and 13 bits are what every OTP takes.
  std::random_device random;
  etf::pid self{etf::atom(target.own_name), random() & 0x7FFF, random() & 0x1FFF, target.creation};
  co_return std::make_unique<connection>(std::move(*socket), std::move(self), hands.peer(),
                                         hands.rest(), settings);
}

}  // namespace

async::awaitable<base::result<std::unique_ptr<connection>>> connect(connect_target target,
                                                                    connect_limits limits,
                                                                    connection_settings settings) {
  const auto name = split_node_name(target.node);
  if (!name) co_return name.error();
  const auto own_name = split_node_name(target.own_name);
  if (!own_name) co_return own_name.error();
  const std::string alive(name->alive);

  if (target.addresses.empty()) co_return base::failure(errc::no_address, target.node);
  std::optional<base::failure> surest;
  for (const asio::ip::address& address : target.addresses) {
    auto connected = co_await connect_to(target, address, alive, limits, settings);
    if (connected) co_return connected;
    const obstacle kind = classify(connected.error().code);
    if (!surest || kind > classify(surest->code)) surest = connected.error();
    if (kind == obstacle::mistake) break;
  }
  co_return *surest;
}

}  // namespace warren::erldist
