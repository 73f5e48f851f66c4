#pragma once

#include "agent/domain/formation_types.hpp"
#include "async/task_group.hpp"
#include "http/server.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>

namespace warren::testing {

// An agent in this process that tells what it is told of one peer. stop() before it is destroyed.
class fake_agent {
 public:
  // A port of its own if `port` is 0.
  explicit fake_agent(
      const async::asio::any_io_executor& executor,
      const async::asio::ip::address& address = async::asio::ip::address_v4::loopback(),
      std::uint16_t port = 0);

  // What it answers from the next request on.
  std::string body;
  int status = 200;
  base::duration delay{};

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int requests() const { return requests_; }
  [[nodiscard]] int most_at_once() const { return most_at_once_; }
  [[nodiscard]] std::uint64_t connections() const {
    return server_.counters().connections_accepted;
  }
  async::awaitable<void> stop();

 private:
  async::awaitable<http::reply> answer(const http::request& asked);

  async::task_group tasks_;
  http::server server_;
  std::uint16_t port_ = 0;
  int requests_ = 0;
  int at_once_ = 0;
  int most_at_once_ = 0;
};

// The least that an agent of this version says: of Service "rmq".
std::string status_of_agent(const std::string& node, const std::string& pod_uid,
                            domain::knowledge has_data);

}  // namespace warren::testing
