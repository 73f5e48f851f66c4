#pragma once

#include "async/awaitable.hpp"
#include "base/secret.hpp"
#include "etf/term.hpp"
#include "tests/support/erlang_messages.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace warren::testing {

// How far a handshake with the fake goes.
enum class handshake_fault {
  none,
  silent,      // accepts and says nothing
  closes,      // accepts and closes
  speaks_tls,  // answers with a TLS alert and closes
  silent_after_status,
  closes_after_status,
  silent_after_reply,  // no acknowledgement
  wrong_digest,        // an acknowledgement that does not know the cookie
};

struct fake_node_settings {
  std::string name = "rabbit@fake";
  base::secret cookie{"monster"};
  std::uint32_t creation = 1;
  std::uint64_t flags = broker_flags;
  std::string status = "ok";  // "nok", "not_allowed", "alive"
  handshake_fault fault = handshake_fault::none;
};

// An Erlang node in this process, on a free port: shakes hands as the accepting side and answers
// calls from a table. It ends with its destruction. What it is told holds from the next connection
// or call on.
class fake_erlang_node {
 public:
  using answer_function = std::function<etf::term(const std::vector<etf::term>& arguments)>;

  explicit fake_erlang_node(
      const async::asio::any_io_executor& executor, fake_node_settings settings = {},
      const async::asio::ip::address& address = async::asio::ip::address_v4::loopback());
  ~fake_erlang_node();
  fake_erlang_node(const fake_erlang_node&) = delete;
  fake_erlang_node& operator=(const fake_erlang_node&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // Name, cookie, creation, faults: to be changed at any time.
  fake_node_settings& settings();

  // The table of answers, by "module:function". A function that is not in it is undefined, as on a
  // real node: {badrpc, {'EXIT', {undef, ...}}}.
  void answer(const std::string& function, etf::term value);
  void answer(const std::string& function, answer_function value);
  void answer_after(base::duration delay, const std::string& function, etf::term value);
  void never_answer(const std::string& function);
  void fail(const std::string& function, etf::term reason);  // {badrpc, Reason}
  void undefine(const std::string& function);

  // As with SIGSTOP: the kernel accepts connections, and nobody reads them. Until hang(false).
  void hang(bool on = true);
  // As with SIGKILL: every connection closes, new ones are refused. Until start(), which takes the
  // same port again.
  void stop();
  void start();
  void drop_connections();
  // To every connected node: ticks now and then, or any bytes.
  void tick_every(base::duration interval);
  void send(std::string_view bytes);

  [[nodiscard]] std::size_t connections() const;  // those that are through the handshake
  [[nodiscard]] int handshakes() const;           // begun so far
  [[nodiscard]] int silences() const;             // handshakes that have come to a silent fault
  [[nodiscard]] const std::vector<std::string>& calls()
      const;  // "module:function/arity", pings "ping"
  [[nodiscard]] std::size_t calls_in_largest_read() const;
  [[nodiscard]] const etf::pid& last_caller() const;
  [[nodiscard]] int ticks() const;  // received

 private:
  struct state;
  struct session;
  std::shared_ptr<state> state_;
};

}  // namespace warren::testing
