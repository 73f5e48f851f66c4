#include "tests/support/fake_epmd.hpp"

#include "tests/support/erlang_messages.hpp"
#include "tests/support/rethrow.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <list>
#include <map>
#include <utility>

namespace warren::testing {

namespace asio = async::asio;
using asio::ip::tcp;

// Shared with the coroutines, which may outlive the fake by a turn of the loop.
struct fake_epmd::state {
  tcp::acceptor acceptor;
  tcp::endpoint endpoint;
  std::map<std::string, std::uint16_t> nodes;
  std::list<std::shared_ptr<tcp::socket>> sockets;
  behaviour how = behaviour::answers;
  int requests = 0;

  explicit state(const asio::any_io_executor& executor) : acceptor(executor) {}
  void close() {
    base::error_code ignored;
    acceptor.close(ignored);
    for (const auto& socket : sockets) socket->close(ignored);
  }
};

namespace {

template <class State>
async::awaitable<void> serve(std::shared_ptr<State> state, std::shared_ptr<tcp::socket> socket) {
  using behaviour = fake_epmd::behaviour;
  std::array<unsigned char, 3> head{};
  auto [ec, size] = co_await asio::async_read(*socket, asio::buffer(head), async::as_tuple);
  std::string alive(ec ? 0 : head[0] * 256u + head[1] - 1u, '\0');
  auto [ec2, size2] = co_await asio::async_read(*socket, asio::buffer(alive), async::as_tuple);
  if (!ec && !ec2) {
    ++state->requests;
    std::string answer;
    if (state->how == behaviour::answers) {
      const auto node = state->nodes.find(alive);
      answer =
          node == state->nodes.end() ? std::string("w\1", 2) : epmd_answer_for(alive, node->second);
    } else if (state->how == behaviour::speaks_http) {
      answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
    } else if (state->how == behaviour::silent) {
      char more = 0;  // until the other side closes
      co_await socket->async_read_some(asio::buffer(&more, 1), async::as_tuple);
    }
    co_await asio::async_write(*socket, asio::buffer(answer), async::as_tuple);
  }
  state->sockets.remove(socket);
}

template <class State>
async::awaitable<void> accept(std::shared_ptr<State> state) {
  for (;;) {
    auto [ec, socket] = co_await state->acceptor.async_accept(async::as_tuple);
    if (ec) co_return;
    auto shared = std::make_shared<tcp::socket>(std::move(socket));
    state->sockets.push_back(shared);
    asio::co_spawn(state->acceptor.get_executor(), serve(state, shared), rethrow);
  }
}

}  // namespace

fake_epmd::fake_epmd(const asio::any_io_executor& executor, const asio::ip::address& address)
    : state_(std::make_shared<state>(executor)) {
  state_->endpoint = tcp::endpoint(address, 0);
  start();
}

fake_epmd::~fake_epmd() {
  state_->close();
}

void fake_epmd::start() {
  tcp::acceptor& acceptor = state_->acceptor;
  acceptor.open(state_->endpoint.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(state_->endpoint);
  acceptor.listen();
  state_->endpoint = acceptor.local_endpoint();
  asio::co_spawn(acceptor.get_executor(), accept(state_), rethrow);
}

void fake_epmd::stop() {
  state_->close();
}
std::uint16_t fake_epmd::port() const {
  return state_->endpoint.port();
}
void fake_epmd::add(std::string alive, std::uint16_t port) {
  state_->nodes[std::move(alive)] = port;
}
void fake_epmd::remove(const std::string& alive) {
  state_->nodes.erase(alive);
}
void fake_epmd::behave(behaviour how) {
  state_->how = how;
}
int fake_epmd::requests() const {
  return state_->requests;
}

}  // namespace warren::testing
