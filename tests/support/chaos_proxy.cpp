#include "tests/support/chaos_proxy.hpp"

#include "async/wakeup.hpp"
#include "tests/support/rethrow.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace warren::testing {
namespace {

namespace asio = async::asio;
using async::as_tuple;
using async::awaitable;
using tcp = asio::ip::tcp;

struct faults {
  base::duration latency{};
  std::optional<std::size_t> to_server_limit;
  std::optional<std::size_t> to_client_limit;
  bool half_open = false;
  bool paused = false;
};

struct link {
  explicit link(tcp::socket from_client)
      : client(std::move(from_client)),
        server(client.get_executor()),
        to_server_wake(client.get_executor()),
        to_client_wake(client.get_executor()) {}

  tcp::socket client;
  tcp::socket server;
  async::wakeup to_server_wake;
  async::wakeup to_client_wake;
  bool open = true;

  void wake() {
    to_server_wake.notify();
    to_client_wake.notify();
  }
  // A reset, not an orderly end.
  void reset() {
    boost::system::error_code ignored;
    client.set_option(asio::socket_base::linger(true, 0), ignored);
    server.set_option(asio::socket_base::linger(true, 0), ignored);
    close();
  }
  void close() {
    open = false;
    boost::system::error_code ignored;
    client.close(ignored);
    server.close(ignored);
    wake();
  }
};

}  // namespace

struct chaos_proxy::state {
  explicit state(const asio::any_io_executor& e) : executor(e), acceptor(e) {}

  asio::any_io_executor executor;
  tcp::acceptor acceptor;
  tcp::endpoint endpoint{asio::ip::address_v4::loopback(), 0};
  tcp::endpoint target;
  faults now;
  std::vector<std::weak_ptr<link>> links;
  std::size_t accepted = 0;

  [[nodiscard]] std::vector<std::shared_ptr<link>> open_links() const {
    std::vector<std::shared_ptr<link>> out;
    for (const auto& weak : links) {
      auto l = weak.lock();
      if (l && l->open) out.push_back(std::move(l));
    }
    return out;
  }
  // A bound socket that does not listen keeps the port and refuses connections.
  void bind() {
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    endpoint = acceptor.local_endpoint();
  }

  static void listen(const std::shared_ptr<state>& self);
  static awaitable<void> accept_links(std::shared_ptr<state> self);
  static awaitable<void> serve(std::shared_ptr<state> self, std::shared_ptr<link> l);
  static awaitable<void> forward(std::shared_ptr<state> self, std::shared_ptr<link> l,
                                 bool to_server, std::optional<std::size_t> limit);
};

void chaos_proxy::state::listen(const std::shared_ptr<state>& self) {
  self->acceptor.listen();
  asio::co_spawn(self->executor, accept_links(self), rethrow);
}

awaitable<void> chaos_proxy::state::accept_links(std::shared_ptr<state> self) {
  for (;;) {
    auto [ec, socket] = co_await self->acceptor.async_accept(as_tuple);
    if (ec) co_return;
    ++self->accepted;
    auto l = std::make_shared<link>(std::move(socket));
    std::erase_if(self->links, [](const auto& weak) { return weak.expired(); });
    self->links.push_back(l);
    asio::co_spawn(self->executor, serve(self, std::move(l)), rethrow);
  }
}

awaitable<void> chaos_proxy::state::serve(std::shared_ptr<state> self, std::shared_ptr<link> l) {
  const faults at_start = self->now;
  boost::system::error_code ignored;
  l->client.set_option(tcp::no_delay(true), ignored);
  if (at_start.half_open) {
    // Only close() ends this: even the client's end goes unanswered.
    while (l->open) co_await l->to_server_wake.wait_until(base::time_point::max());
    co_return;
  }
  auto [ec] = co_await l->server.async_connect(self->target, as_tuple);
  if (ec) {
    l->reset();
    co_return;
  }
  l->server.set_option(tcp::no_delay(true), ignored);
  asio::co_spawn(self->executor, forward(self, l, false, at_start.to_client_limit), rethrow);
  co_await forward(self, l, true, at_start.to_server_limit);
}

awaitable<void> chaos_proxy::state::forward(std::shared_ptr<state> self, std::shared_ptr<link> l,
                                            bool to_server, std::optional<std::size_t> limit) {
  tcp::socket& from = to_server ? l->client : l->server;
  tcp::socket& to = to_server ? l->server : l->client;
  async::wakeup& wake = to_server ? l->to_server_wake : l->to_client_wake;
  std::array<char, 16384> piece;
  std::size_t sent = 0;
  while (l->open) {
    if (limit && sent >= *limit) {
      l->close();
      co_return;
    }
    auto [read_error, n] = co_await from.async_read_some(asio::buffer(piece), as_tuple);
    const base::time_point due = base::steady::now() + self->now.latency;
    while (l->open && (self->now.paused || base::steady::now() < due)) {
      co_await wake.wait_until(self->now.paused ? base::time_point::max() : due);
    }
    std::size_t allowed = n;
    if (limit && *limit - sent < n) allowed = *limit - sent;
    sent += allowed;
    auto [write_error, written] =
        co_await asio::async_write(to, asio::buffer(piece.data(), allowed), as_tuple);
    if (read_error == asio::error::eof && !write_error) {
      // The other direction may go on.
      boost::system::error_code ignored;
      to.shutdown(tcp::socket::shutdown_send, ignored);
      co_return;
    }
    if (read_error || write_error) l->close();
  }
}

chaos_proxy::chaos_proxy(const asio::any_io_executor& executor, std::uint16_t target_port)
    : state_(std::make_shared<state>(executor)) {
  state_->target = tcp::endpoint(asio::ip::address_v4::loopback(), target_port);
  state_->bind();
  state::listen(state_);
}

chaos_proxy::~chaos_proxy() {
  state_->acceptor.close();
  for (const auto& l : state_->open_links()) l->close();
}

std::uint16_t chaos_proxy::port() const {
  return state_->endpoint.port();
}
std::size_t chaos_proxy::connections_accepted() const {
  return state_->accepted;
}
std::size_t chaos_proxy::connections_open() const {
  return state_->open_links().size();
}

void chaos_proxy::delay(base::duration latency) {
  state_->now.latency = latency;
}
void chaos_proxy::cut_after_to_server(std::size_t bytes) {
  state_->now.to_server_limit = bytes;
}
void chaos_proxy::cut_after_to_client(std::size_t bytes) {
  state_->now.to_client_limit = bytes;
}
void chaos_proxy::half_open() {
  state_->now.half_open = true;
}
void chaos_proxy::pause() {
  state_->now.paused = true;
}
void chaos_proxy::resume() {
  state_->now.paused = false;
  for (const auto& l : state_->open_links()) l->wake();
}

void chaos_proxy::reset_connections() {
  for (const auto& l : state_->open_links()) l->reset();
}
void chaos_proxy::refuse() {
  state_->acceptor.close();
  state_->bind();
}
void chaos_proxy::accept() {
  state::listen(state_);
}
void chaos_proxy::behave() {
  state_->now = {};
  resume();
}

}  // namespace warren::testing
