#pragma once

#include "async/awaitable.hpp"
#include "http/message.hpp"
#include "http/trust.hpp"

#include <boost/asio/generic/stream_protocol.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace warren::http {

struct client_settings;

// One connection of a client, plain or TLS; used for one exchange at a time. After any failure but
// those of the constructor it must be thrown away.
class connection {
 public:
  connection(const async::asio::any_io_executor& executor, std::string peer,
             const client_settings& settings);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // To an address or to a Unix socket. Fails with connection_refused, connect_failed or
  // connect_timeout.
  async::awaitable<base::result<void>> connect(async::asio::generic::stream_protocol::endpoint to,
                                               base::time_point deadline);
  // `host` is an IP address or a name without brackets; it is verified in the certificate.
  async::awaitable<base::result<void>> start_tls(const trust& by, std::string host,
                                                 base::time_point deadline);
  // Sends a whole request. `expects_body` is false for HEAD.
  async::awaitable<base::result<void>> send(std::string_view head, std::string_view body,
                                            bool expects_body, base::time_point deadline);
  // Up to the end of the header; the status and headers are then in received().
  async::awaitable<base::result<void>> read_header(base::time_point deadline);
  // One more piece of the body, appended to received().body. True at the body's end.
  async::awaitable<base::result<bool>> read_body(base::time_point deadline);

  [[nodiscard]] response& received();
  // True if no byte of the response has come.
  [[nodiscard]] bool silent() const;
  // True if, after a whole response, another exchange may follow.
  [[nodiscard]] bool reusable() const;
  // True if a kept connection shows that the server has hung up. Looks without waiting.
  [[nodiscard]] bool stale() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace warren::http
