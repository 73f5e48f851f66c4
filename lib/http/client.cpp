#include "http/client.hpp"

#include "http/connection.hpp"
#include "http/errc.hpp"
#include "http/resolver.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <sys/un.h>

namespace warren::http {
namespace {

namespace asio = async::asio;
using async::awaitable;
using connection_ptr = std::unique_ptr<connection>;

std::string without_brackets(std::string host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return host.substr(1, host.size() - 2);
  }
  return host;
}

std::string name_of(const origin& to) {
  if (!to.unix_socket.empty()) return to.unix_socket;
  const std::string port = std::to_string(to.port);
  if (to.host.find(':') != std::string::npos) return "[" + to.host + "]:" + port;
  return to.host + ":" + port;
}

std::string head_of(const outgoing& request, const std::string& host) {
  std::string head(to_string(request.verb));
  head += " " + request.target + " HTTP/1.1\r\nHost: " + host + "\r\n";
  for (const auto& [name, value] : request.headers) {
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (request.verb != method::get && request.verb != method::head) {
    head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return head + "\r\n";
}

bool is_idempotent(method verb) {
  return verb != method::post && verb != method::patch;
}

}  // namespace

struct client::state {
  state(const asio::any_io_executor& e, origin o, client_settings s)
      : executor(e),
        to(std::move(o)),
        settings(s),
        lookup(e, to.host, to.port),
        name(name_of(to)),
        host(to.unix_socket.empty() ? name : "localhost") {}

  asio::any_io_executor executor;
  origin to;
  client_settings settings;
  resolver lookup;
  std::string name;
  std::string host;  // of requests
  std::optional<trust> trusted;
  std::vector<connection_ptr> kept;

  connection_ptr take_kept();
  void keep(connection_ptr c);
  awaitable<base::result<connection_ptr>> open(base::time_point deadline);
  awaitable<base::result<connection_ptr>> open(asio::generic::stream_protocol::endpoint at,
                                               base::time_point connect_by,
                                               base::time_point deadline);
  awaitable<base::result<void>> talk(connection& c, const outgoing& request,
                                     base::time_point deadline);
  awaitable<base::result<connection_ptr>> begin(outgoing request, base::time_point deadline);
};

connection_ptr client::state::take_kept() {
  while (!kept.empty()) {
    connection_ptr c = std::move(kept.back());
    kept.pop_back();
    if (!c->stale()) return c;
  }
  return nullptr;
}

void client::state::keep(connection_ptr c) {
  if (c->reusable() && kept.size() < settings.max_kept) kept.push_back(std::move(c));
}

awaitable<base::result<connection_ptr>> client::state::open(
    asio::generic::stream_protocol::endpoint at, base::time_point connect_by,
    base::time_point deadline) {
  auto c = std::make_unique<connection>(executor, name, settings);
  const base::result<void> connected = co_await c->connect(at, connect_by);
  if (!connected) co_return connected.error();
  if (to.tls && to.unix_socket.empty()) {
    const base::result<void> secured = co_await c->start_tls(*trusted, to.host, deadline);
    if (!secured) co_return secured.error();
  }
  co_return std::move(c);
}

// Tries the addresses one after the other; each may take its share of the time that is left.
awaitable<base::result<connection_ptr>> client::state::open(base::time_point deadline) {
  if (!to.unix_socket.empty()) {
    if (to.unix_socket.size() >= sizeof(sockaddr_un::sun_path)) {
      co_return base::failure(errc::connect_failed, name + ": the path is too long");
    }
    const asio::local::stream_protocol::endpoint at(to.unix_socket);
    co_return co_await open(at, deadline, deadline);
  }
  if (to.tls && !trusted) co_return base::failure(errc::no_trusted_certificate, name);
  const auto addresses = co_await lookup.addresses(deadline);
  if (!addresses) co_return addresses.error();
  base::failure last(errc::resolve_failed, name);
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    const base::time_point now = base::steady::now();
    const auto left = static_cast<base::duration::rep>(addresses->size() - i);
    const base::time_point connect_by = now + (deadline - now) / left;
    auto opened = co_await open((*addresses)[i], connect_by, deadline);
    if (opened) co_return std::move(opened);
    last = opened.error();
  }
  co_return last;
}

awaitable<base::result<void>> client::state::talk(connection& c, const outgoing& request,
                                                  base::time_point deadline) {
  const std::string head = head_of(request, host);
  const bool expects_body = request.verb != method::head;
  const auto sent = co_await c.send(head, request.body, expects_body, deadline);
  if (!sent) co_return sent.error();
  co_return co_await c.read_header(deadline);
}

awaitable<base::result<connection_ptr>> client::state::begin(outgoing request,
                                                             base::time_point deadline) {
  connection_ptr c = take_kept();
  if (c) {
    const auto done = co_await talk(*c, request, deadline);
    if (done) co_return std::move(c);
    const bool timed_out = base::steady::now() >= deadline;
    if (!c->silent() || timed_out || !is_idempotent(request.verb)) co_return done.error();
    kept.clear();  // what ended one of them has probably ended all
  }
  auto opened = co_await open(deadline);
  if (!opened) co_return opened.error();
  const auto done = co_await talk(**opened, request, deadline);
  if (!done) co_return done.error();
  co_return std::move(opened);
}

client::client(const asio::any_io_executor& executor, origin to, client_settings settings) {
  to.host = without_brackets(std::move(to.host));
  state_ = std::make_shared<state>(executor, std::move(to), settings);
}

client::~client() = default;

void client::set_trust(trust t) {
  state_->trusted = std::move(t);
}

const std::string& client::name() const {
  return state_->name;
}

awaitable<base::result<response>> client::exchange(outgoing request, base::time_point deadline) {
  const std::shared_ptr<state> s = state_;
  auto begun = co_await s->begin(std::move(request), deadline);
  if (!begun) co_return begun.error();
  connection& c = **begun;
  for (bool complete = false; !complete;) {
    const base::result<bool> more = co_await c.read_body(deadline);
    if (!more) co_return more.error();
    complete = *more;
  }
  response got = std::move(c.received());
  s->keep(std::move(*begun));
  co_return got;
}

awaitable<base::result<body_stream>> client::open_stream(outgoing request,
                                                         base::time_point deadline) {
  const std::shared_ptr<state> s = state_;
  auto begun = co_await s->begin(std::move(request), deadline);
  if (!begun) co_return begun.error();
  co_return body_stream(std::move(*begun));
}

}  // namespace warren::http
