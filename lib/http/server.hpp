#pragma once

#include "async/awaitable.hpp"
#include "http/message.hpp"
#include "http/request_decoder.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

namespace warren::http {

struct server_settings {
  // Beyond it one is closed: the one that has been idle longest, else the one whose client has not
  // read its answer for longest. At most what RLIMIT_NOFILE leaves beside 64 other descriptors.
  std::size_t max_connections = 512;
  base::duration header_timeout =
      std::chrono::seconds(5);                             // from accept, or a request's first byte
  base::duration idle_timeout = std::chrono::seconds(60);  // between requests of one connection
  base::duration write_timeout = std::chrono::seconds(10);  // of one whole answer
  base::duration accept_pause =
      std::chrono::milliseconds(100);  // after accept failed (descriptors)
  request_limits limits;
};

struct server_counters {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t connections_evicted = 0;    // closed to make room
  std::uint64_t connections_timed_out = 0;  // header, idle or write timeout
  std::uint64_t accept_failures = 0;
  std::uint64_t requests = 0;            // answered by the handler
  std::uint64_t requests_refused = 0;    // 400, 405, 413, 431
  std::uint64_t handler_exceptions = 0;  // answered with 500
};

// Answers one request. May suspend; is cancelled when the server stops.
using handler = std::function<async::awaitable<reply>(const request&)>;

// An HTTP/1.1 server for GET and HEAD, and for POST if its limits say so, on sockets that listen
// already. Keep-alive, bounded in connections, bytes and time; deadlines are kept by one shared
// timer to a second's precision, so a probe costs no timer of its own. Single-threaded. Outlives
// its run().
class server {
 public:
  // `on_exception` is told what a handler threw (a bug; the client is answered 500).
  server(const async::asio::any_io_executor& executor, handler answer,
         server_settings settings = {}, std::function<void(std::exception_ptr)> on_exception = {});
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  // Adds a listening stream socket (IPv4, IPv6 or Unix) and owns the descriptor from then on. Call
  // it before run(). Throws system_error if `descriptor` is not a listening socket.
  void add_listener(int descriptor);

  // Serves until stop() or cancellation, and ends when every connection is closed.
  async::awaitable<void> run();

  // Closes the listeners and all connections. run() ends soon after.
  void stop();

  [[nodiscard]] const server_counters& counters() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace warren::http
