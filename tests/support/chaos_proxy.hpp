#pragma once

#include "async/awaitable.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace warren::testing {

// A TCP proxy in this process, on 127.0.0.1, between a client and a real or fake server there. It
// forwards until told to misbehave. Serves from construction to destruction on the executor's
// thread, which is the caller's too.
class chaos_proxy {
 public:
  // Throws system_error if it cannot listen.
  chaos_proxy(const async::asio::any_io_executor& executor, std::uint16_t target_port);
  ~chaos_proxy();
  chaos_proxy(const chaos_proxy&) = delete;
  chaos_proxy& operator=(const chaos_proxy&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::size_t connections_accepted() const;
  [[nodiscard]] std::size_t connections_open() const;

  // For every connection, from the next piece of data on: each piece waits that long.
  void delay(base::duration latency);
  // For connections made from then on: closed once so many bytes went to the server, or to the
  // client; with 0 before the first byte.
  void cut_after_to_server(std::size_t bytes);
  void cut_after_to_client(std::size_t bytes);
  // For connections made from then on: accepted, never forwarded, never answered.
  void half_open();

  // Nothing is forwarded until resume(); connections stay open.
  void pause();
  void resume();

  void reset_connections();
  void refuse();  // new connections; open ones stay
  void accept();  // again, on the same port
  // Ends delay and pause; and cuts and half_open, for connections made from then on.
  void behave();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace warren::testing
