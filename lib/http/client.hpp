#pragma once

#include "async/awaitable.hpp"
#include "http/body_stream.hpp"
#include "http/message.hpp"
#include "http/trust.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace warren::http {

struct origin {
  bool tls = true;
  std::string host;  // an IP address (normal; brackets allowed) or a name
  std::uint16_t port = 443;
  std::string unix_socket;  // its path: plain, and `host` and `port` mean nothing then
};

struct outgoing {
  method verb = method::get;
  std::string target = "/";                                  // path and query, percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;  // besides Host and Content-Length
  std::string body;
};

struct client_settings {
  std::size_t max_header = std::size_t{16} * 1024;
  std::size_t max_body = std::size_t{16} * 1024 * 1024;
  std::size_t max_kept = 2;  // idle connections kept for later exchanges
};

// Talks to one HTTP/1.1 server. Several coroutines may use it at a time: each exchange takes a kept
// connection or makes one. Failures are http::errc, with address and reason in the detail; an
// operation that fails or is cancelled costs its connection. Single-threaded.
class client {
 public:
  client(const async::asio::any_io_executor& executor, origin to, client_settings settings = {});
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  // What new connections verify the server's certificate and its name or IP address with. Without
  // it every TLS exchange fails with no_trusted_certificate.
  void set_trust(trust t);

  // One request and its whole response, by `deadline`. GET, HEAD and PUT are sent once more if a
  // kept connection turns out to be dead before any byte of the response.
  async::awaitable<base::result<response>> exchange(outgoing request, base::time_point deadline);

  // The same up to the end of the response's header; the body then comes out of the stream.
  async::awaitable<base::result<body_stream>> open_stream(outgoing request,
                                                          base::time_point deadline);

  // "10.0.0.1:443", for texts.
  [[nodiscard]] const std::string& name() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace warren::http
