#include "http/server.hpp"

#include "async/task_group.hpp"
#include "async/wakeup.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <list>
#include <sys/resource.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace warren::http {
namespace {

namespace asio = async::asio;
using async::as_tuple;
using async::awaitable;
// Takes IPv4, IPv6 and Unix sockets alike.
using protocol = asio::generic::stream_protocol;
using acceptor = asio::basic_socket_acceptor<protocol>;

struct connection {
  explicit connection(protocol::socket s) : socket(std::move(s)) {}
  protocol::socket socket;
  base::time_point deadline;  // of what it does at present
  base::time_point since;     // when it began to wait for the client
  enum class state { awaits_request, is_answered, awaits_reader };
  state is = state::awaits_request;
};
using connections = std::list<connection>;

std::string header_of(const reply& r, bool keep_alive) {
  std::string head;
  head.reserve(192);
  head += "HTTP/1.1 ";
  head += std::to_string(r.status);
  head += ' ';
  head += reason_phrase(r.status);
  head += "\r\nContent-Type: ";
  head += r.content_type;
  head += "\r\nContent-Length: ";
  head += std::to_string(r.body.size());
  if (r.status == 405) head.append("\r\nAllow: ").append(r.allow);
  // Said in both cases: HTTP/1.0 clients need the first, HTTP/1.1 clients the second.
  head += keep_alive ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
  return head;
}

// Descriptors that are not connections: files, the broker's and the API server's sockets, pipes.
constexpr std::size_t descriptors_kept = 64;

std::size_t affordable(std::size_t connections) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) {
    return connections;
  }
  const std::size_t all = files.rlim_cur;
  return std::clamp<std::size_t>(all > descriptors_kept ? all - descriptors_kept : 1, 1,
                                 connections);
}

bool is_out_of_descriptors(const base::error_code& ec) {
  return ec == boost::system::errc::too_many_files_open ||
         ec == boost::system::errc::too_many_files_open_in_system;
}

int family_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw boost::system::system_error(errno, boost::system::system_category(), "listener");
  }
  return address.ss_family;
}

}  // namespace

struct server::state {
  state(const asio::any_io_executor& e, handler a, server_settings s,
        std::function<void(std::exception_ptr)> b)
      : executor(e),
        answer(std::move(a)),
        settings(s),
        on_exception(std::move(b)),
        stopped(e),
        sweep_needed(e),
        tasks(e, [this](std::string_view, const std::exception_ptr& error) { report(error); }) {
    settings.max_connections = affordable(settings.max_connections);
  }

  asio::any_io_executor executor;
  handler answer;
  server_settings settings;
  std::function<void(std::exception_ptr)> on_exception;
  server_counters counters;
  std::vector<acceptor> acceptors;
  connections open;
  async::wakeup stopped;
  async::wakeup sweep_needed;
  bool sweeping = false;
  async::task_group tasks;

  void report(const std::exception_ptr& error) {
    ++counters.handler_exceptions;
    if (on_exception) on_exception(error);
  }
  void expect_within(connection& c, base::duration limit) {
    c.deadline = base::steady::now() + limit;
  }
  void wait_for_client(connection& c, enum connection::state is) {
    c.is = is;
    c.since = base::steady::now();
  }
  bool make_room();
  bool evict();
  awaitable<void> accept_loop(acceptor& from);
  awaitable<void> sweep();
  awaitable<void> serve(connections::iterator self);
  awaitable<void> converse(connection& c);
  awaitable<bool> send(connection& c, const reply& r, bool keep_alive, bool with_body);
  awaitable<void> send_refusal(connection& c, const decoded_request& refused);
  awaitable<reply> ask(const request& asked);
};

// True if one more connection may be taken.
bool server::state::make_room() {
  if (open.size() < settings.max_connections) return true;
  const auto is_open = [](const connection& c) { return c.socket.is_open(); };
  const auto count = std::count_if(open.begin(), open.end(), is_open);
  return static_cast<std::size_t>(count) < settings.max_connections || evict();
}

// Closes one connection; false if none may be. Probes come on new connections, so whoever has
// waited longest without asking anything gives way, then whoever does not read what it asked for.
bool server::state::evict() {
  using state = enum connection::state;
  for (const state is : {state::awaits_request, state::awaits_reader}) {
    connection* oldest = nullptr;
    for (connection& c : open) {
      if (c.is != is || !c.socket.is_open()) continue;
      if (oldest == nullptr || c.since < oldest->since) oldest = &c;
    }
    if (oldest == nullptr) continue;
    oldest->socket.close();
    ++counters.connections_evicted;
    return true;
  }
  return false;
}

awaitable<void> server::state::accept_loop(acceptor& from) {
  int without_descriptor = 0;  // in a row
  while (from.is_open()) {
    auto [ec, socket] = co_await from.async_accept(as_tuple);
    if (ec) {
      if (!from.is_open()) co_return;
      without_descriptor = is_out_of_descriptors(ec) ? without_descriptor + 1 : 0;
      if (without_descriptor == 1) {
        // accept(2) fails so even if nobody waits, and only for somebody another one may go.
        co_await from.async_wait(acceptor::wait_read, as_tuple);
        continue;
      }
      ++counters.accept_failures;
      if (without_descriptor == 2 && evict()) continue;
      // The listener stays readable: a pause keeps this from spinning.
      without_descriptor = 0;
      co_await async::sleep_for(settings.accept_pause);
      continue;
    }
    without_descriptor = 0;
    ++counters.connections_accepted;
    if (!make_room()) continue;
    open.emplace_back(std::move(socket));
    ++counters.connections_open;
    const auto self = std::prev(open.end());
    self->since = base::steady::now();
    self->deadline = self->since + settings.header_timeout;
    if (!sweeping) sweep_needed.notify();
    tasks.spawn("connection", serve(self));
  }
}

// Closes the connections that are past their deadline. Sleeps without a timer while there are none.
awaitable<void> server::state::sweep() {
  const base::duration shortest =
      std::min({settings.header_timeout, settings.idle_timeout, settings.write_timeout});
  const base::duration period = std::clamp<base::duration>(
      shortest / 2, std::chrono::milliseconds(5), std::chrono::seconds(1));
  for (;;) {
    sweeping = false;
    if (open.empty()) co_await sweep_needed.wait_until(base::time_point::max());
    sweeping = true;
    co_await async::sleep_for(period);
    const base::time_point now = base::steady::now();
    for (connection& c : open) {
      if (now < c.deadline || !c.socket.is_open()) continue;
      c.socket.close();
      ++counters.connections_timed_out;
    }
  }
}

awaitable<void> server::state::serve(connections::iterator self) {
  // Leaves the list on every way out, cancellation included.
  struct leave {
    state& server;
    connections::iterator self;
    ~leave() {
      server.open.erase(self);
      --server.counters.connections_open;
    }
  } const on_exit{*this, self};
  co_await converse(*self);
}

awaitable<void> server::state::converse(connection& c) {
  std::string input;
  std::size_t filled = 0;
  for (;;) {
    const decoded_request next =
        decode_request(std::string_view(input.data(), filled), settings.limits);
    if (next.is == decoded_request::state::refused) {
      co_await send_refusal(c, next);
      co_return;
    }
    if (next.is == decoded_request::state::complete) {
      c.is = connection::state::is_answered;
      const reply r = co_await ask(next.asked);
      const bool with_body = next.asked.verb != method::head;
      const bool sent = co_await send(c, r, next.keep_alive, with_body);
      if (!sent || !next.keep_alive) co_return;
      input.erase(0, next.used);
      filled -= next.used;
      wait_for_client(c, connection::state::awaits_request);
      c.deadline = c.since + (filled == 0 ? settings.idle_timeout : settings.header_timeout);
      continue;
    }
    // A probe fits into the first piece; only who sends more is given more.
    if (input.size() - filled < 512) input.resize(filled + 1024);
    const bool first = filled == 0;
    auto [ec, n] = co_await c.socket.async_read_some(
        asio::buffer(input.data() + filled, input.size() - filled), as_tuple);
    if (ec) co_return;
    filled += n;
    if (first) expect_within(c, settings.header_timeout);
  }
}

awaitable<reply> server::state::ask(const request& asked) {
  std::exception_ptr error;
  try {
    co_return co_await answer(asked);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) throw;
    error = std::current_exception();
  } catch (...) {
    error = std::current_exception();
  }
  report(error);
  reply r;
  r.status = 500;
  r.body = "internal error\n";
  co_return r;
}

awaitable<bool> server::state::send(connection& c, const reply& r, bool keep_alive,
                                    bool with_body) {
  ++counters.requests;
  expect_within(c, settings.write_timeout);
  wait_for_client(c, connection::state::awaits_reader);
  const std::string head = header_of(r, keep_alive);
  std::array<asio::const_buffer, 2> parts;
  parts[0] = asio::buffer(head);
  if (with_body) parts[1] = asio::buffer(r.body);
  auto [ec, n] = co_await asio::async_write(c.socket, parts, as_tuple);
  co_return !ec;
}

// Answers and hangs up. What the client still sends is read for a second: closing with unread
// bytes would reset the connection and take the answer with it.
awaitable<void> server::state::send_refusal(connection& c, const decoded_request& refused) {
  ++counters.requests_refused;
  expect_within(c, std::min<base::duration>(settings.write_timeout, std::chrono::seconds(1)));
  reply r;
  r.status = refused.status;
  r.body = refused.why + "\n";
  if (settings.limits.post) r.allow = "GET, HEAD, POST";
  const std::string head = header_of(r, false);
  std::array<asio::const_buffer, 2> parts;
  parts[0] = asio::buffer(head);
  parts[1] = asio::buffer(r.body);
  auto [ec, n] = co_await asio::async_write(c.socket, parts, as_tuple);
  if (ec) co_return;
  base::error_code ignored;
  c.socket.shutdown(protocol::socket::shutdown_send, ignored);
  std::array<char, 4096> rest{};
  for (std::size_t total = 0; total < std::size_t{1024} * 1024;) {
    auto [end, count] = co_await c.socket.async_read_some(asio::buffer(rest), as_tuple);
    if (end) co_return;
    total += count;
  }
}

server::server(const asio::any_io_executor& executor, handler answer, server_settings settings,
               std::function<void(std::exception_ptr)> on_exception)
    : state_(std::make_unique<state>(executor, std::move(answer), settings,
                                     std::move(on_exception))) {}

server::~server() = default;

void server::add_listener(int descriptor) {
  acceptor listener(state_->executor);
  listener.assign(protocol(family_of(descriptor), 0), descriptor);
  state_->acceptors.push_back(std::move(listener));
}

awaitable<void> server::run() {
  state& s = *state_;
  // Cancellation must still close and join.
  co_await asio::this_coro::throw_if_cancelled(false);
  for (acceptor& listener : s.acceptors) s.tasks.spawn("accept", s.accept_loop(listener));
  s.tasks.spawn("sweep", s.sweep());
  std::exception_ptr cancelled;
  try {
    co_await s.stopped.wait_until(base::time_point::max());
  } catch (const boost::system::system_error&) {
    cancelled = std::current_exception();
  }
  stop();
  co_await s.tasks.join();
  if (cancelled) std::rethrow_exception(cancelled);
}

void server::stop() {
  for (acceptor& listener : state_->acceptors) {
    base::error_code ignored;
    listener.close(ignored);
  }
  state_->tasks.cancel();
  state_->stopped.notify();
}

const server_counters& server::counters() const {
  return state_->counters;
}

}  // namespace warren::http
