#include "http/connection.hpp"

#include "async/as_result.hpp"
#include "async/with_deadline.hpp"
#include "http/client.hpp"
#include "http/errc.hpp"
#include "http/response_parser.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace warren::http {
namespace {

namespace asio = async::asio;
using protocol = asio::generic::stream_protocol;
using async::awaitable;
using beast_error = boost::beast::http::error;

constexpr std::size_t read_size = std::size_t{16} * 1024;

void set_option(int descriptor, int level, int name, int value) {
  ::setsockopt(descriptor, level, name, &value, sizeof value);
}

// A watch may be silent for minutes: the kernel finds out that a peer has gone without a word.
void keep_alive(protocol::socket& socket) {
  const int descriptor = socket.native_handle();
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
}

// One of the two codes of a step, with the peer and the cause.
base::failure step_failure(const std::string& peer, const base::error_code& ec, errc failed,
                           errc timeout) {
  if (ec == asio::error::timed_out) return {timeout, peer};
  return {failed, peer + ": " + ec.message()};
}

}  // namespace

struct connection::state {
  state(const asio::any_io_executor& e, std::string p, const client_settings& s)
      : socket(e), peer(std::move(p)), settings(s) {}

  protocol::socket socket;
  std::optional<asio::ssl::stream<protocol::socket&>> tls;
  std::string peer;
  client_settings settings;
  std::optional<response_parser> parser;  // of the exchange that is under way
  std::string input;                      // received, not yet parsed
  bool heard = false;                     // a byte of the response has come

  awaitable<std::size_t> read_some(asio::mutable_buffer into) {
    if (tls) return tls->async_read_some(into, async::use_awaitable);
    return socket.async_read_some(into, async::use_awaitable);
  }
  awaitable<std::size_t> write(std::array<asio::const_buffer, 2> parts) {
    if (tls) co_return co_await asio::async_write(*tls, parts, async::use_awaitable);
    co_return co_await asio::async_write(socket, parts, async::use_awaitable);
  }
  base::result<void> parse();
  base::failure ended(const base::error_code& ec, errc timeout);
  awaitable<base::result<void>> read_and_parse(base::time_point deadline, errc timeout);
};

// Gives the parser what has come. An incomplete message is no failure.
base::result<void> connection::state::parse() {
  std::size_t used = 0;
  boost::beast::error_code ec;
  while (!parser->is_done() && used < input.size()) {
    const std::size_t n = parser->put(asio::buffer(input.data() + used, input.size() - used), ec);
    used += n;
    if (ec || n == 0) break;
  }
  input.erase(0, used);
  // Refused by its announced length, not only once the limit is reached.
  if (parser->is_header_done() && parser->content_length().value_or(0) > settings.max_body) {
    return base::failure(errc::body_too_large, peer);
  }
  if (!ec || ec == beast_error::need_more) return {};
  if (ec == beast_error::header_limit) return base::failure(errc::header_too_large, peer);
  if (ec == beast_error::body_limit) return base::failure(errc::body_too_large, peer);
  return base::failure(errc::malformed_response, peer + ": " + ec.message());
}

base::failure connection::state::ended(const base::error_code& ec, errc timeout) {
  const errc cut = parser->is_header_done() ? errc::body_truncated : errc::read_failed;
  return step_failure(peer, ec, cut, timeout);
}

awaitable<base::result<void>> connection::state::read_and_parse(base::time_point deadline,
                                                                errc timeout) {
  const std::size_t before = input.size();
  input.resize(before + read_size);
  auto read =
      async::with_deadline(deadline, read_some(asio::buffer(input.data() + before, read_size)));
  const base::result<std::size_t> n = co_await async::as_result(std::move(read));
  input.resize(before + (n ? *n : 0));
  if (n) {
    heard = true;
    co_return parse();
  }
  // Without a length the end of the connection is the body's end, but only a plain or a properly
  // closed one: anybody can cut a connection.
  if (n.error().code == asio::error::eof && parser->is_header_done() && parser->need_eof()) {
    boost::beast::error_code ec;
    parser->put_eof(ec);
    if (!ec) co_return base::result<void>();
  }
  co_return ended(n.error().code, timeout);
}

connection::connection(const asio::any_io_executor& executor, std::string peer,
                       const client_settings& settings)
    : state_(std::make_unique<state>(executor, std::move(peer), settings)) {}

connection::~connection() = default;

awaitable<base::result<void>> connection::connect(protocol::endpoint to,
                                                  base::time_point deadline) {
  auto step =
      async::with_deadline(deadline, state_->socket.async_connect(to, async::use_awaitable));
  const base::result<void> done = co_await async::as_result(std::move(step));
  if (done) {
    keep_alive(state_->socket);
    co_return done;
  }
  if (done.error().code == asio::error::connection_refused) {
    co_return base::failure(errc::connection_refused, state_->peer);
  }
  co_return step_failure(state_->peer, done.error().code, errc::connect_failed,
                         errc::connect_timeout);
}

awaitable<base::result<void>> connection::start_tls(const trust& by, std::string host,
                                                    base::time_point deadline) {
  SSL* const ssl = SSL_new(by.native());
  if (ssl == nullptr) co_return base::failure(errc::tls_failed, state_->peer);
  state_->tls.emplace(state_->socket, ssl);
  base::error_code not_literal;
  asio::ip::make_address(host, not_literal);
  int prepared = 0;
  if (!not_literal) {
    prepared = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    prepared = SSL_set1_host(ssl, host.c_str());
    if (prepared == 1) prepared = static_cast<int>(SSL_set_tlsext_host_name(ssl, host.c_str()));
  }
  // Without the name check any certificate of the CA would do.
  if (prepared != 1) co_return base::failure(errc::tls_failed, state_->peer + ": unusable name");
  auto step = async::with_deadline(
      deadline, state_->tls->async_handshake(asio::ssl::stream_base::client, async::use_awaitable));
  const base::result<void> done = co_await async::as_result(std::move(step));
  if (done) co_return done;
  const long verdict = SSL_get_verify_result(ssl);
  if (done.error().code != asio::error::timed_out && verdict != X509_V_OK) {
    co_return base::failure(errc::certificate_rejected,
                            state_->peer + ": " + X509_verify_cert_error_string(verdict));
  }
  co_return step_failure(state_->peer, done.error().code, errc::tls_failed,
                         errc::tls_handshake_timeout);
}

awaitable<base::result<void>> connection::send(std::string_view head, std::string_view body,
                                               bool expects_body, base::time_point deadline) {
  state_->parser.emplace(state_->settings.max_header, state_->settings.max_body);
  if (!expects_body) state_->parser->skip(true);
  state_->heard = false;
  std::array<asio::const_buffer, 2> parts;
  parts[0] = asio::buffer(head);
  parts[1] = asio::buffer(body);
  auto step = async::with_deadline(deadline, state_->write(parts));
  const base::result<std::size_t> sent = co_await async::as_result(std::move(step));
  if (sent) co_return base::result<void>();
  co_return step_failure(state_->peer, sent.error().code, errc::write_failed, errc::write_timeout);
}

awaitable<base::result<void>> connection::read_header(base::time_point deadline) {
  while (!state_->parser->is_header_done()) {
    const auto r = co_await state_->read_and_parse(deadline, errc::read_header_timeout);
    if (!r) co_return r.error();
  }
  co_return base::result<void>();
}

awaitable<base::result<bool>> connection::read_body(base::time_point deadline) {
  if (!state_->parser->is_done()) {
    const auto r = co_await state_->read_and_parse(deadline, errc::read_body_timeout);
    if (!r) co_return r.error();
  }
  co_return state_->parser->is_done();
}

response& connection::received() {
  return state_->parser->got;
}
bool connection::silent() const {
  return !state_->heard;
}

bool connection::reusable() const {
  return state_->parser && state_->parser->is_done() && state_->parser->keep_alive() &&
         state_->input.empty();
}

bool connection::stale() const {
  char byte = 0;
  const ssize_t n = ::recv(state_->socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
  // Over TLS a session ticket may be waiting; without it nothing may come unasked.
  return n == 0 || !state_->tls;
}

}  // namespace warren::http
