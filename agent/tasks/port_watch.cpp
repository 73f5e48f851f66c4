#include "agent/tasks/port_watch.hpp"

#include "async/all_of.hpp"
#include "async/as_result.hpp"
#include "async/with_deadline.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <utility>

namespace warren::agent {
namespace {

using boost::asio::ip::tcp;

async::awaitable<void> connect_once(tcp::socket& socket, tcp::endpoint to) {
  co_await socket.async_connect(to, async::use_awaitable);
}

std::string problem_text(const base::failure& why) {
  if (why.code == boost::asio::error::timed_out) return "does not accept connections in time";
  if (why.code == boost::asio::error::connection_refused) return "refuses connections";
  return why.code.message();
}

async::awaitable<void> try_listener(domain::port_view& view, base::time_point deadline) {
  for (const std::string& text : connect_addresses(view.what)) {
    boost::system::error_code bad;
    const auto address = boost::asio::ip::make_address(text, bad);
    if (bad) {
      view.problem = "has the address '" + text + "', which is no IP address";
      co_return;
    }
    tcp::socket socket(co_await boost::asio::this_coro::executor);
    const tcp::endpoint to(address, view.what.port);
    auto connecting = async::with_deadline(deadline, connect_once(socket, to));
    const base::result<void> connected = co_await async::as_result(std::move(connecting));
    view.accepts = connected.has_value();
    if (view.accepts) co_return;
    if (view.problem.empty()) view.problem = problem_text(connected.error());
  }
}

}  // namespace

std::vector<std::string> connect_addresses(const domain::listener& l) {
  // A socket on "::" takes IPv4 too, unless it was told otherwise.
  if (l.address == "::") return {"127.0.0.1", "::1"};
  if (l.address == "0.0.0.0") return {"127.0.0.1"};
  return {l.address};
}

async::awaitable<std::vector<domain::port_view>> connect_to_all(
    std::vector<domain::listener> listeners, base::time_point deadline) {
  std::vector<domain::port_view> views;
  views.reserve(listeners.size());
  for (domain::listener& l : listeners) views.push_back({std::move(l), true, {}});
  std::vector<async::awaitable<void>> tries;
  for (domain::port_view& view : std::span(views).first(std::min(views.size(), max_listeners))) {
    view.accepts = false;
    tries.push_back(try_listener(view, deadline));
  }
  co_await async::all_of(std::move(tries));
  for (domain::port_view& view : views) {
    if (view.accepts) view.problem.clear();
  }
  co_return views;
}

std::vector<domain::listener> without_socket(std::span<const domain::listener> listeners,
                                             std::span<const std::uint16_t> ports) {
  std::vector<domain::listener> missing;
  for (const domain::listener& l : listeners) {
    if (!std::binary_search(ports.begin(), ports.end(), l.port)) missing.push_back(l);
  }
  return missing;
}

}  // namespace warren::agent
