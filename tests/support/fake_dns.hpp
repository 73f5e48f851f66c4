#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace warren::testing {

// A DNS server in this process, by UDP and TCP on the same free port. It ends with its destruction.
class fake_dns {
 public:
  enum class behaviour {
    answers,
    silent,
    fails,           // SERVFAIL
    refuses_edns,    // FORMERR to every query that has it
    cuts_short,      // by UDP no records but the flag that there are more
    cuts_always,     // by TCP too
    wrong_id,        // a forger's answer, before the right one
    wrong_question,  // the same
    garbage,         // bytes that are no message, and nothing else
  };

  explicit fake_dns(
      const async::asio::any_io_executor& executor,
      const async::asio::ip::address& address = async::asio::ip::address_v4::loopback());
  ~fake_dns();
  fake_dns(const fake_dns&) = delete;
  fake_dns& operator=(const fake_dns&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // What `question` ("SRV _amqp._tcp.rmq") is answered with: the encoded records. A name that no
  // question here has does not exist.
  void set(const std::string& question, std::vector<std::string> answers,
           std::vector<std::string> additional = {});
  void clear();
  void behave(behaviour how);
  // From now on nobody listens there, until start(), which takes the same port again.
  void stop();
  void start();
  // What was asked, in order: "SRV _amqp._tcp.rmq"; with " by TCP" and " without EDNS".
  [[nodiscard]] const std::vector<std::string>& asked() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace warren::testing
