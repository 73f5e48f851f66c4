#pragma once

#include "async/awaitable.hpp"
#include "async/wakeup.hpp"
#include "erldist/frame.hpp"
#include "erldist/handshake.hpp"
#include "erldist/rpc.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warren::erldist {

struct connection_settings {
  base::duration net_ticktime = std::chrono::seconds(60);  // as on the node; ticks go each quarter
  std::size_t largest_frame = 4u << 20;                    // bytes of one message from the node
  std::size_t calls_in_flight = 64;
};

struct connection_counters {
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t writes = 0;
  std::uint64_t ticks_received = 0;
  std::uint64_t ticks_sent = 0;
  std::uint64_t calls = 0;
  std::uint64_t answers = 0;
  std::uint64_t late_answers = 0;  // to calls whose deadline had passed, or to none
  std::uint64_t timeouts = 0;
  std::uint64_t ignored_messages = 0;  // what no call asked for
  std::uint64_t broken_messages = 0;   // those whose terms could not be decoded
};

// One link to an Erlang node, as a hidden node without processes. connect() makes it; its owner
// keeps run() going, and any number of coroutines on the same thread call meanwhile. It must
// outlive run() and the calls.
class connection {
 public:
  // After a handshake over `socket`; `early` is what has come after it.
  connection(async::asio::ip::tcp::socket socket, etf::pid self, handshake_peer peer,
             std::string_view early, connection_settings settings);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // Reads, writes and ticks until the link is over; says why: connection_lost (at once when the
  // socket closes), peer_silent (nothing came for net_ticktime and a quarter), frame_too_large.
  // Calls in flight then fail with the same reason, later ones too. Cancellation closes the link.
  async::awaitable<base::failure> run();

  // The value of module:function(arguments...) on the node. Fails with call_timeout (the link stays
  // up; the late answer is dropped), too_many_calls, the reason of the link's end, or as
  // call_result() says.
  async::awaitable<base::result<etf::term>> call(std::string module, std::string function,
                                                 std::vector<etf::term> arguments,
                                                 base::time_point deadline);
  // Several calls in one write; ends when all are answered or failed. In the order of the calls.
  async::awaitable<std::vector<base::result<etf::term>>> call_all(std::vector<function_call> calls,
                                                                  base::time_point deadline);
  // Whether the node answers at all, as `rabbitmq-diagnostics ping` asks it.
  async::awaitable<base::result<void>> ping(base::time_point deadline);

  [[nodiscard]] const handshake_peer& peer() const { return peer_; }  // name, flags, creation
  [[nodiscard]] std::uint32_t creation() const { return peer_.creation; }
  [[nodiscard]] const async::asio::ip::address& address() const { return address_; }
  // When the latest byte came, tick or answer.
  [[nodiscard]] base::time_point last_received() const { return last_received_; }
  // When the latest answer to a call came; before the first one, when the handshake ended.
  [[nodiscard]] base::time_point last_answer() const { return last_answer_; }
  [[nodiscard]] const connection_counters& counters() const { return counters_; }

 private:
  class burst;
  struct waiting {
    burst* whose;
    std::size_t index;
  };

  async::awaitable<base::failure> read_loop();
  async::awaitable<base::failure> write_loop();
  async::awaitable<base::failure> watch_silence();
  async::awaitable<void> wait(burst& calls, base::time_point deadline);
  base::result<void> take_frames();
  void take_message(std::string_view frame);
  void end(const base::failure& reason);

  async::asio::ip::tcp::socket socket_;
  async::asio::ip::address address_;
  etf::pid self_;
  handshake_peer peer_;
  connection_settings settings_;
  connection_counters counters_;
  frame_decoder incoming_;
  std::string outgoing_;  // whole frames that wait to be written
  async::wakeup write_wanted_;
  std::map<std::int64_t, waiting> waiting_;  // by tag
  std::int64_t next_tag_ = 1;
  base::time_point last_received_;
  base::time_point last_answer_;
  base::time_point last_sent_;
  base::result<void> alive_;  // why it is over, once it is
};

}  // namespace warren::erldist
