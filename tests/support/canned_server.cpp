#include "tests/support/canned_server.hpp"

#include "tests/support/raw_tcp.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <exception>
#include <utility>

namespace warren::testing {

namespace asio = async::asio;
using asio::ip::tcp;

canned_server::canned_server(const asio::any_io_executor& executor,
                             std::vector<std::string> answers, bool ipv6)
    : acceptor_(executor),
      answers_(std::move(answers)),
      tasks_(executor, [](std::string_view, const std::exception_ptr& error) {
        std::rethrow_exception(error);
      }) {
  const listening_socket listener = listen_on_loopback(ipv6);
  acceptor_.assign(ipv6 ? tcp::v6() : tcp::v4(), listener.descriptor);
  port_ = listener.port;
  tasks_.spawn("canned server", serve());
}

async::awaitable<void> canned_server::serve() {
  for (const std::string& answer : answers_) {
    tcp::socket socket = co_await acceptor_.async_accept(async::use_awaitable);
    std::string request;
    auto [ec, n] = co_await asio::async_read_until(socket, asio::dynamic_buffer(request),
                                                   "\r\n\r\n", async::as_tuple);
    if (ec) continue;
    ++answered_;
    auto [failed, sent] = co_await asio::async_write(socket, asio::buffer(answer), async::as_tuple);
    (void)failed;
  }
}

async::awaitable<void> canned_server::stop() {
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace warren::testing
