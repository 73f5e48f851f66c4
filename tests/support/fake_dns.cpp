#include "tests/support/fake_dns.hpp"

#include "tests/support/dns_messages.hpp"
#include "tests/support/rethrow.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <list>
#include <map>
#include <utility>

namespace warren::testing {

namespace asio = async::asio;
using asio::ip::tcp;
using asio::ip::udp;

// Shared with the coroutines, which may outlive the fake by a turn of the loop.
struct fake_dns::state {
  asio::ip::address address;
  std::uint16_t port = 0;
  udp::socket socket;
  tcp::acceptor acceptor;
  std::list<std::shared_ptr<tcp::socket>> connections;
  std::map<std::string, dns_reply> zone;
  behaviour how = behaviour::answers;
  std::vector<std::string> asked;

  explicit state(const asio::any_io_executor& executor) : socket(executor), acceptor(executor) {}

  void open() {
    for (int tries = 0;; ++tries) {
      const udp::endpoint where(address, port);
      socket.open(where.protocol());
      socket.bind(where);
      const tcp::endpoint same(address, socket.local_endpoint().port());
      acceptor.open(same.protocol());
      acceptor.set_option(tcp::acceptor::reuse_address(true));
      base::error_code taken;
      acceptor.bind(same, taken);
      if (!taken) break;
      if (port != 0 || tries == 20) throw boost::system::system_error(taken);
      close();  // TCP has this port in use: another one
    }
    acceptor.listen();
    port = socket.local_endpoint().port();
  }
  void close() {
    base::error_code ignored;
    socket.close(ignored);
    acceptor.close(ignored);
    for (const auto& connection : connections) connection->close(ignored);
  }

  [[nodiscard]] bool exists(const std::string& name) const {
    for (const auto& [question, reply] : zone) {
      if (question.substr(question.find(' ') + 1) == name) return true;
    }
    return false;
  }

  // The datagrams (or framed messages) to send.
  std::vector<std::string> answers(const std::string& query, bool by_tcp) {
    const std::string question = dns_question(query);
    const bool edns = dns_has_edns(query);
    asked.push_back(question + (by_tcp ? " by TCP" : "") + (edns ? "" : " without EDNS"));
    const auto entry = zone.find(question);
    dns_reply reply;
    if (entry != zone.end()) reply = entry->second;
    if (!exists(question.substr(question.find(' ') + 1))) reply.code = 3;
    const std::string right = dns_answer(query, reply);
    switch (how) {
      case behaviour::answers:
        return {right};
      case behaviour::silent:
        return {};
      case behaviour::fails:
        return {dns_answer(query, {.code = 2})};
      case behaviour::refuses_edns:
        return {edns ? dns_answer(query, {.code = 1}) : right};
      case behaviour::cuts_short:
        return {by_tcp ? right : dns_answer(query, {.truncated = true})};
      case behaviour::cuts_always:
        return {dns_answer(query, {.truncated = true})};
      case behaviour::wrong_id: {
        std::string forged = dns_answer(query, {});
        forged[0] = static_cast<char>(forged[0] ^ 1);
        return {forged, right};
      }
      case behaviour::wrong_question: {
        std::string other = query;
        other[13] = static_cast<char>(other[13] ^ 1);
        return {dns_answer(other, {}), right};
      }
      case behaviour::garbage:
        return {std::string("no message")};
    }
    return {};
  }
};

namespace {

template <class State>
async::awaitable<void> serve_udp(std::shared_ptr<State> state) {
  std::array<char, 2048> buffer{};
  for (;;) {
    udp::endpoint from;
    auto [ec, size] =
        co_await state->socket.async_receive_from(asio::buffer(buffer), from, async::as_tuple);
    if (ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor) co_return;
    if (ec) continue;
    for (const std::string& bytes : state->answers(std::string(buffer.data(), size), false)) {
      co_await state->socket.async_send_to(asio::buffer(bytes), from, async::as_tuple);
    }
  }
}

template <class State>
async::awaitable<void> serve_tcp(std::shared_ptr<State> state,
                                 std::shared_ptr<tcp::socket> socket) {
  std::array<unsigned char, 2> head{};
  auto [ec, n] = co_await asio::async_read(*socket, asio::buffer(head), async::as_tuple);
  std::string query(ec ? 0 : head[0] * 256U + head[1], '\0');
  auto [ec2, n2] = co_await asio::async_read(*socket, asio::buffer(query), async::as_tuple);
  if (!ec && !ec2) {
    const std::vector<std::string> answers = state->answers(query, true);
    for (const std::string& bytes : answers) {
      const std::array<unsigned char, 2> size{static_cast<unsigned char>(bytes.size() >> 8U),
                                              static_cast<unsigned char>(bytes.size() & 0xffU)};
      co_await asio::async_write(*socket, asio::buffer(size), async::as_tuple);
      co_await asio::async_write(*socket, asio::buffer(bytes), async::as_tuple);
    }
    char more = 0;  // until the other side closes
    co_await socket->async_read_some(asio::buffer(&more, 1), async::as_tuple);
  }
  state->connections.remove(socket);
}

template <class State>
async::awaitable<void> accept(std::shared_ptr<State> state) {
  for (;;) {
    auto [ec, socket] = co_await state->acceptor.async_accept(async::as_tuple);
    if (ec) co_return;
    auto shared = std::make_shared<tcp::socket>(std::move(socket));
    state->connections.push_back(shared);
    asio::co_spawn(state->acceptor.get_executor(), serve_tcp(state, shared), rethrow);
  }
}

}  // namespace

fake_dns::fake_dns(const asio::any_io_executor& executor, const asio::ip::address& address)
    : state_(std::make_shared<state>(executor)) {
  state_->address = address;
  start();
}

fake_dns::~fake_dns() {
  state_->close();
}

void fake_dns::start() {
  state_->open();
  asio::co_spawn(state_->socket.get_executor(), serve_udp(state_), rethrow);
  asio::co_spawn(state_->socket.get_executor(), accept(state_), rethrow);
}

void fake_dns::stop() {
  state_->close();
}
std::uint16_t fake_dns::port() const {
  return state_->port;
}
void fake_dns::set(const std::string& question, std::vector<std::string> answers,
                   std::vector<std::string> additional) {
  dns_reply reply;
  reply.answers = std::move(answers);
  reply.additional = std::move(additional);
  state_->zone[question] = std::move(reply);
}
void fake_dns::clear() {
  state_->zone.clear();
}
void fake_dns::behave(behaviour how) {
  state_->how = how;
}
const std::vector<std::string>& fake_dns::asked() const {
  return state_->asked;
}

}  // namespace warren::testing
