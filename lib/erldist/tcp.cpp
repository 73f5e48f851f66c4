#include "erldist/tcp.hpp"

#include "async/as_result.hpp"
#include "async/with_deadline.hpp"

#include <sstream>
#include <string>
#include <utility>

namespace warren::erldist {
namespace {

namespace asio = async::asio;
using asio::ip::tcp;

std::string to_string(const tcp::endpoint& endpoint) {
  std::ostringstream text;
  text << endpoint;
  return text.str();
}

}  // namespace

async::awaitable<base::result<tcp::socket>> connect_tcp(tcp::endpoint endpoint, connect_codes codes,
                                                        base::time_point deadline) {
  tcp::socket socket(co_await asio::this_coro::executor);
  auto connecting = socket.async_connect(endpoint, async::use_awaitable);
  auto bounded = async::with_deadline(deadline, std::move(connecting));
  const auto connected = co_await async::as_result(std::move(bounded));
  if (connected) {
    base::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    co_return socket;
  }
  const base::error_code& why = connected.error().code;
  const std::string where = to_string(endpoint);
  if (why == asio::error::connection_refused) co_return base::failure(codes.refused, where);
  if (why == asio::error::timed_out) co_return base::failure(codes.timeout, where);
  co_return base::failure(codes.unreachable, where + " (" + why.message() + ")");
}

}  // namespace warren::erldist
