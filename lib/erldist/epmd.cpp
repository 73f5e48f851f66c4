#include "erldist/epmd.hpp"

#include "async/as_result.hpp"
#include "async/with_deadline.hpp"
#include "erldist/errc.hpp"
#include "erldist/tcp.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace warren::erldist {
namespace {

namespace asio = async::asio;
using asio::ip::tcp;

async::awaitable<base::result<epmd_answer>> ask(tcp::socket& socket, const std::string& alive) {
  const std::string request = encode_port_request(alive);
  co_await asio::async_write(socket, asio::buffer(request), async::use_awaitable);
  std::string received;
  std::array<char, 512> chunk{};
  for (;;) {
    const std::size_t size =
        co_await socket.async_read_some(asio::buffer(chunk), async::use_awaitable);
    received.append(chunk.data(), size);
    const auto answer = decode_port_answer(received, alive);
    if (!answer) co_return answer.error();
    if (*answer) co_return **answer;
  }
}

}  // namespace

async::awaitable<base::result<epmd_answer>> look_up(asio::ip::address address, std::uint16_t port,
                                                    std::string alive, base::time_point deadline) {
  const tcp::endpoint endpoint(address, port);
  const connect_codes codes{errc::epmd_refused, errc::epmd_unreachable, errc::epmd_timeout};
  auto socket = co_await connect_tcp(endpoint, codes, deadline);
  if (!socket) co_return socket.error();
  auto bounded = async::with_deadline(deadline, ask(*socket, alive));
  const auto asked = co_await async::as_result(std::move(bounded));
  if (asked) co_return *asked;
  const bool late = asked.error().code == asio::error::timed_out;
  co_return base::failure(late ? errc::epmd_timeout : errc::epmd_closed, address.to_string());
}

}  // namespace warren::erldist
