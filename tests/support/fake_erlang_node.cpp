#include "tests/support/fake_erlang_node.hpp"

#include "async/wakeup.hpp"
#include "erldist/bytes.hpp"
#include "erldist/control.hpp"
#include "erldist/frame.hpp"
#include "erldist/handshake.hpp"
#include "etf/match.hpp"
#include "tests/support/rethrow.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <list>
#include <map>
#include <optional>
#include <utility>

namespace warren::testing {

namespace asio = async::asio;
using asio::ip::tcp;
using async::awaitable;
using etf::atom;
using etf::term;
using etf::tuple_of;

namespace {

constexpr std::uint32_t own_challenge = 99;

struct table_entry {
  fake_erlang_node::answer_function value;
  base::duration delay{};
  bool never = false;
};

term bad_rpc(term reason) {
  return tuple_of(atom("badrpc"), std::move(reason));
}

}  // namespace

// Shared with the coroutines, which may outlive the fake by a turn of the loop.
struct fake_erlang_node::state {
  asio::any_io_executor executor;
  tcp::acceptor acceptor;
  tcp::endpoint endpoint;
  fake_node_settings settings;
  std::map<std::string, table_entry> table;
  std::list<std::shared_ptr<session>> sessions;
  std::vector<std::string> calls;
  std::size_t calls_in_largest_read = 0;
  etf::pid last_caller;
  base::duration tick_interval{};
  bool hung = false;
  int handshakes = 0;
  int silences = 0;
  int ticks = 0;

  state(const asio::any_io_executor& ex, fake_node_settings s)
      : executor(ex), acceptor(ex), settings(std::move(s)) {}
  void close_sessions();
  static awaitable<void> accept(std::shared_ptr<state> self);
};

// One connection.
struct fake_erlang_node::session {
  std::shared_ptr<state> node;
  tcp::socket socket;
  async::wakeup changed;  // something to send, or no longer hung
  asio::steady_timer ticker;
  std::list<asio::steady_timer> delays;
  std::string output;
  bool connected = false;
  bool closed = false;

  session(std::shared_ptr<state> n, tcp::socket s)
      : node(std::move(n)),
        socket(std::move(s)),
        changed(socket.get_executor()),
        ticker(socket.get_executor()) {
    base::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
  }

  void close() {
    base::error_code ignored;
    socket.close(ignored);
    closed = true;
    ticker.cancel();
    for (asio::steady_timer& delay : delays) delay.cancel();
    changed.notify();
  }
  void send(std::string_view bytes) {
    output += bytes;
    changed.notify();
  }

  static awaitable<void> serve(std::shared_ptr<session> self);
  static awaitable<void> write_loop(std::shared_ptr<session> self);
  static awaitable<void> tick_loop(std::shared_ptr<session> self);
  static awaitable<void> send_later(std::shared_ptr<session> self, std::string bytes,
                                    base::duration delay);
  awaitable<std::optional<std::string>> read_message();
  awaitable<bool> shake_hands();
  awaitable<void> until_not_hung();
  awaitable<void> until_closed();
  void take(const erldist::name_message& request);
  term value_of(const std::string& function, const std::vector<term>& arguments);
};

void fake_erlang_node::state::close_sessions() {
  for (const auto& s : std::exchange(sessions, {})) s->close();
}

awaitable<void> fake_erlang_node::state::accept(std::shared_ptr<state> self) {
  for (;;) {
    auto [ec, socket] = co_await self->acceptor.async_accept(async::as_tuple);
    if (ec) co_return;
    auto opened = std::make_shared<session>(self, std::move(socket));
    self->sessions.push_back(opened);
    asio::co_spawn(self->executor, session::serve(opened), rethrow);
    asio::co_spawn(self->executor, session::write_loop(opened), rethrow);
  }
}

awaitable<void> fake_erlang_node::session::serve(std::shared_ptr<session> self) {
  co_await self->until_not_hung();
  const bool shaken = co_await self->shake_hands();
  if (shaken) {
    self->connected = true;
    asio::co_spawn(self->node->executor, tick_loop(self), rethrow);
    erldist::frame_decoder incoming(1 << 20);
    std::array<char, 65536> chunk;
    for (;;) {
      co_await self->until_not_hung();
      auto [ec, size] = co_await self->socket.async_read_some(asio::buffer(chunk), async::as_tuple);
      if (ec) break;
      co_await self->until_not_hung();
      incoming.append(std::string_view(chunk.data(), size));
      const std::size_t before = self->node->calls.size();
      for (;;) {
        const auto frame = incoming.next();
        if (!frame || !*frame) break;
        if ((*frame)->empty()) {
          ++self->node->ticks;
          continue;
        }
        const auto message = erldist::decode_message(**frame);
        const auto* named = message ? std::get_if<erldist::name_message>(&*message) : nullptr;
        if (named) self->take(*named);
      }
      self->node->calls_in_largest_read =
          std::max(self->node->calls_in_largest_read, self->node->calls.size() - before);
    }
  }
  self->close();
  self->node->sessions.remove(self);
}

awaitable<void> fake_erlang_node::session::until_not_hung() {
  while (node->hung && !closed) {
    asio::steady_timer look_again(socket.get_executor(), std::chrono::milliseconds(1));
    co_await look_again.async_wait(async::as_tuple);
  }
}

awaitable<void> fake_erlang_node::session::until_closed() {
  ++node->silences;
  char more = 0;
  auto [ec, size] = co_await socket.async_read_some(asio::buffer(&more, 1), async::as_tuple);
  (void)ec;
}

awaitable<std::optional<std::string>> fake_erlang_node::session::read_message() {
  std::array<char, 2> head{};
  auto [ec, size] = co_await asio::async_read(socket, asio::buffer(head), async::as_tuple);
  if (ec) co_return std::nullopt;
  erldist::byte_reader in(std::string_view(head.data(), head.size()));
  std::string message(in.number<std::uint16_t>(), '\0');
  auto [ec2, size2] = co_await asio::async_read(socket, asio::buffer(message), async::as_tuple);
  if (ec2) co_return std::nullopt;
  co_return message;
}

// Copies of the settings, because a test may change them meanwhile.
awaitable<bool> fake_erlang_node::session::shake_hands() {
  ++node->handshakes;
  const fake_node_settings with = node->settings;
  const auto name = co_await read_message();
  if (!name || with.fault == handshake_fault::closes) co_return false;
  if (with.fault == handshake_fault::speaks_tls) {
    const std::string alert("\x15\3\1\0\2\2\x28", 7);
    co_await asio::async_write(socket, asio::buffer(alert), async::as_tuple);
    co_return false;
  }
  if (with.fault == handshake_fault::silent) {
    co_await until_closed();
    co_return false;
  }
  send(status_message(with.status));
  if (with.fault == handshake_fault::closes_after_status) {
    co_await async::sleep_for(std::chrono::milliseconds(5));  // let it be sent
    co_return false;
  }
  if (with.fault == handshake_fault::silent_after_status || !with.status.starts_with("ok")) {
    co_await until_closed();
    co_return false;
  }
  send(challenge_message(with.name, own_challenge, with.creation, with.flags));
  const auto reply = co_await read_message();
  if (!reply || reply->size() != 21) co_return false;
  if (with.fault == handshake_fault::silent_after_reply) {
    co_await until_closed();
    co_return false;
  }
  erldist::byte_reader in(*reply);
  in.number<std::uint8_t>();
  const auto their_challenge = in.number<std::uint32_t>();
  const auto expected = erldist::challenge_digest(with.cookie, own_challenge).value();
  if (in.left() != std::string(expected.begin(), expected.end())) co_return false;
  const base::secret proof =
      with.fault == handshake_fault::wrong_digest ? base::secret("another cookie") : with.cookie;
  send(acknowledgement_message(proof, their_challenge));
  co_return true;
}

awaitable<void> fake_erlang_node::session::write_loop(std::shared_ptr<session> self) {
  while (!self->closed) {
    co_await self->changed.wait_until(base::time_point::max());
    while (!self->closed && !self->output.empty()) {
      const std::string writing = std::exchange(self->output, {});
      co_await asio::async_write(self->socket, asio::buffer(writing), async::as_tuple);
    }
  }
}

awaitable<void> fake_erlang_node::session::tick_loop(std::shared_ptr<session> self) {
  while (!self->closed && self->node->tick_interval > base::duration::zero()) {
    self->ticker.expires_after(self->node->tick_interval);
    co_await self->ticker.async_wait(async::as_tuple);
    if (!self->closed && !self->node->hung) self->send(erldist::tick_frame);
  }
}

awaitable<void> fake_erlang_node::session::send_later(std::shared_ptr<session> self,
                                                      std::string bytes, base::duration delay) {
  const auto timer = self->delays.emplace(self->delays.end(), self->socket.get_executor(), delay);
  co_await timer->async_wait(async::as_tuple);
  self->delays.erase(timer);
  if (!self->closed) self->send(bytes);
}

// {'$gen_call', {Pid, Tag}, {call, M, F, A, user}} to rex or {is_auth, Node} to net_kernel.
void fake_erlang_node::session::take(const erldist::name_message& request) {
  const auto* gen_call = etf::as_tagged(request.payload, "$gen_call", 3);
  const auto* from = gen_call ? etf::as_tuple((*gen_call)[1], 2) : nullptr;
  const etf::pid* caller = from ? etf::as_pid(from->front()) : nullptr;
  if (!caller) return;
  node->last_caller = *caller;
  term value = atom("yes");
  base::duration delay{};
  if (request.to == "rex") {
    const auto* call = etf::as_tagged((*gen_call)[2], "call", 5);
    const auto* arguments = call ? etf::as_list((*call)[3]) : nullptr;
    if (!arguments) return;
    const std::string function = std::string(etf::as_atom((*call)[1]).value_or("")) + ":" +
                                 std::string(etf::as_atom((*call)[2]).value_or(""));
    node->calls.push_back(function + "/" + std::to_string(arguments->size()));
    const auto entry = node->table.find(function);
    if (entry != node->table.end() && entry->second.never) return;
    if (entry != node->table.end()) delay = entry->second.delay;
    value = value_of(function, *arguments);
  } else if (request.to == "net_kernel") {
    node->calls.emplace_back("ping");
  } else {
    return;
  }
  std::string bytes;
  erldist::append_message(
      bytes, erldist::process_message{*caller, tuple_of(from->back(), std::move(value))});
  if (delay > base::duration::zero()) {
    for (const auto& s : node->sessions) {
      if (s.get() == this) asio::co_spawn(node->executor, send_later(s, bytes, delay), rethrow);
    }
  } else {
    send(bytes);
  }
}

term fake_erlang_node::session::value_of(const std::string& function,
                                         const std::vector<term>& arguments) {
  const auto entry = node->table.find(function);
  if (entry != node->table.end()) return entry->second.value(arguments);
  const std::size_t colon = function.find(':');
  const term frame = tuple_of(atom(function.substr(0, colon)), atom(function.substr(colon + 1)),
                              etf::list{arguments}, etf::list{});
  return bad_rpc(tuple_of(atom("EXIT"), tuple_of(atom("undef"), etf::list_of(frame))));
}

fake_erlang_node::fake_erlang_node(const asio::any_io_executor& executor,
                                   fake_node_settings settings, const asio::ip::address& address)
    : state_(std::make_shared<state>(executor, std::move(settings))) {
  state_->endpoint = tcp::endpoint(address, 0);
  start();
}

fake_erlang_node::~fake_erlang_node() {
  stop();
}

void fake_erlang_node::start() {
  tcp::acceptor& acceptor = state_->acceptor;
  acceptor.open(state_->endpoint.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(state_->endpoint);
  acceptor.listen();
  state_->endpoint = acceptor.local_endpoint();
  asio::co_spawn(state_->executor, state::accept(state_), rethrow);
}

void fake_erlang_node::stop() {
  base::error_code ignored;
  state_->acceptor.close(ignored);
  state_->close_sessions();
}

void fake_erlang_node::answer(const std::string& function, term value) {
  answer(function, [value = std::move(value)](const std::vector<term>&) { return value; });
}
void fake_erlang_node::answer(const std::string& function, answer_function value) {
  state_->table[function] = {.value = std::move(value)};
}
void fake_erlang_node::answer_after(base::duration delay, const std::string& function, term value) {
  answer(function, std::move(value));
  state_->table[function].delay = delay;
}
void fake_erlang_node::never_answer(const std::string& function) {
  answer(function, term());
  state_->table[function].never = true;
}
void fake_erlang_node::fail(const std::string& function, term reason) {
  answer(function, bad_rpc(std::move(reason)));
}
void fake_erlang_node::undefine(const std::string& function) {
  state_->table.erase(function);
}

void fake_erlang_node::hang(bool on) {
  state_->hung = on;
}
void fake_erlang_node::drop_connections() {
  state_->close_sessions();
}
void fake_erlang_node::tick_every(base::duration interval) {
  state_->tick_interval = interval;
}
void fake_erlang_node::send(std::string_view bytes) {
  for (const auto& s : state_->sessions) s->send(bytes);
}

std::uint16_t fake_erlang_node::port() const {
  return state_->endpoint.port();
}
fake_node_settings& fake_erlang_node::settings() {
  return state_->settings;
}
std::size_t fake_erlang_node::connections() const {
  return static_cast<std::size_t>(
      std::count_if(state_->sessions.begin(), state_->sessions.end(),
                    [](const auto& s) { return s->connected && !s->closed; }));
}
int fake_erlang_node::silences() const {
  return state_->silences;
}

int fake_erlang_node::handshakes() const {
  return state_->handshakes;
}
const std::vector<std::string>& fake_erlang_node::calls() const {
  return state_->calls;
}
std::size_t fake_erlang_node::calls_in_largest_read() const {
  return state_->calls_in_largest_read;
}
const etf::pid& fake_erlang_node::last_caller() const {
  return state_->last_caller;
}
int fake_erlang_node::ticks() const {
  return state_->ticks;
}

}  // namespace warren::testing
