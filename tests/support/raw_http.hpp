#pragma once

#include "tests/support/raw_tcp.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace warren::testing {

struct raw_reply {
  unsigned status = 0;
  std::string head;
  std::string body;
};

// One request on a connection of its own, with a client that knows nothing: for tests of servers.
// `headers` are whole lines, each with its end. Throws std::runtime_error without an answer.
async::awaitable<raw_reply> raw_request(std::uint16_t port, std::string method, std::string target,
                                        std::string body = {}, std::string headers = {});

// A stream of JSON lines in chunks, a line each, as a watch of Kubernetes is.
class raw_watch {
 public:
  explicit raw_watch(const async::asio::any_io_executor& executor) : tcp_(executor) {}
  // Throws std::runtime_error if the answer is not a stream.
  async::awaitable<void> begin(std::uint16_t port, std::string target);
  // Throws std::runtime_error if none comes.
  async::awaitable<nlohmann::json> next();
  // What is left, as it came.
  async::awaitable<std::string> rest() { return tcp_.read_to_end(); }
  // True if the stream has ended in good order.
  async::awaitable<bool> ended();
  void close() { tcp_.close(); }

 private:
  raw_tcp tcp_;
};

}  // namespace warren::testing
