#include "agent/tasks/port_watch.hpp"

#include "async/all_of.hpp"
#include "async/as_result.hpp"
#include "async/with_deadline.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace warren::agent {
namespace {

using boost::asio::ip::tcp;

async::awaitable<void> connect_once(tcp::socket& socket, tcp::endpoint to) {
  co_await socket.async_connect(to, async::use_awaitable);
}

// What a failed connect says of the listener.
enum class verdict { closed, no_way_there, own_trouble };

verdict judge(const base::error_code& why) {
  namespace errc = boost::system::errc;
  if (why == boost::asio::error::connection_refused || why == boost::asio::error::timed_out) {
    return verdict::closed;
  }
  const bool short_of_something = why == errc::too_many_files_open ||
                                  why == errc::too_many_files_open_in_system ||
                                  why == errc::no_buffer_space || why == errc::not_enough_memory;
  return short_of_something ? verdict::own_trouble : verdict::no_way_there;
}

struct attempt {
  domain::port_view view;
  std::optional<base::failure> own_trouble;
};

async::awaitable<void> try_listener(attempt& one, base::time_point deadline) {
  domain::port_view& view = one.view;
  for (const std::string& text : connect_addresses(view.what)) {
    boost::system::error_code bad;
    const auto address = boost::asio::ip::make_address(text, bad);
    if (bad) continue;
    tcp::socket socket(co_await boost::asio::this_coro::executor);
    const tcp::endpoint to(address, view.what.port);
    auto connecting = async::with_deadline(deadline, connect_once(socket, to));
    const base::result<void> connected = co_await async::as_result(std::move(connecting));
    if (connected) {
      view.accepts = true;
      view.problem.clear();
      co_return;
    }
    const base::error_code& why = connected.error().code;
    switch (judge(why)) {
      case verdict::own_trouble:
        one.own_trouble = base::failure(why, "connecting to port " + std::to_string(to.port()));
        co_return;
      case verdict::no_way_there:
        break;
      case verdict::closed:
        view.accepts = false;
        if (view.problem.empty()) {
          const bool late = why == boost::asio::error::timed_out;
          view.problem = late ? "does not accept connections in time" : "refuses connections";
        }
        break;
    }
  }
}

}  // namespace

std::vector<std::string> connect_addresses(const domain::listener& l) {
  // A socket on "::" takes IPv4 too, unless it was told otherwise.
  if (l.address == "::") return {"127.0.0.1", "::1"};
  if (l.address == "0.0.0.0") return {"127.0.0.1"};
  return {l.address};
}

async::awaitable<base::result<std::vector<domain::port_view>>> connect_to_all(
    std::vector<domain::listener> listeners, base::time_point deadline) {
  std::vector<attempt> attempts;
  attempts.reserve(listeners.size());
  for (domain::listener& l : listeners) attempts.push_back({{std::move(l), true, {}}, {}});
  std::vector<async::awaitable<void>> tries;
  for (attempt& one : std::span(attempts).first(std::min(attempts.size(), max_listeners))) {
    tries.push_back(try_listener(one, deadline));
  }
  co_await async::all_of(std::move(tries));
  std::vector<domain::port_view> views;
  views.reserve(attempts.size());
  for (attempt& one : attempts) {
    if (one.own_trouble) co_return *one.own_trouble;
    views.push_back(std::move(one.view));
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
