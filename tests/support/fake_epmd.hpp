#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace warren::testing {

// EPMD in this process, on a free port. It ends with its destruction.
class fake_epmd {
 public:
  enum class behaviour { answers, silent, closes, speaks_http };

  explicit fake_epmd(
      const async::asio::any_io_executor& executor,
      const async::asio::ip::address& address = async::asio::ip::address_v4::loopback());
  ~fake_epmd();
  fake_epmd(const fake_epmd&) = delete;
  fake_epmd& operator=(const fake_epmd&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // `alive` is the part of a node name before the @.
  void add(std::string alive, std::uint16_t port);
  void remove(const std::string& alive);
  void behave(behaviour how);
  // From now on connections are refused, until start(), which takes the same port again.
  void stop();
  void start();
  [[nodiscard]] int requests() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace warren::testing
