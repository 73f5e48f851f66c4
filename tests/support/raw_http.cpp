#include "tests/support/raw_http.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <utility>

namespace warren::testing {

using async::awaitable;

awaitable<raw_reply> raw_request(std::uint16_t port, std::string method, std::string target,
                                 std::string body, std::string headers) {
  std::string bytes = method + " " + target + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" +
                      headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                      body;
  const std::string answer = co_await exchange_raw(port, std::move(bytes));
  const std::size_t end = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || end == std::string::npos) {
    throw std::runtime_error("not an HTTP answer: " + answer);
  }
  raw_reply out;
  out.status = static_cast<unsigned>(std::stoul(answer.substr(9, 3)));
  out.head = answer.substr(0, end + 2);
  out.body = answer.substr(end + 4);
  co_return out;
}

awaitable<void> raw_watch::begin(std::uint16_t port, std::string target) {
  co_await tcp_.connect(port);
  co_await tcp_.send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
  const std::string head = co_await tcp_.read_until("\r\n\r\n");
  if (!head.starts_with("HTTP/1.1 200 ")) throw std::runtime_error("not a stream: " + head);
}

awaitable<nlohmann::json> raw_watch::next() {
  co_await tcp_.read_until("\r\n");
  const std::string line = co_await tcp_.read_until("\n\r\n");
  co_return nlohmann::json::parse(line);
}

awaitable<bool> raw_watch::ended() {
  const std::string end = co_await tcp_.read_until("\r\n\r\n");
  co_return end == "0\r\n\r\n";
}

}  // namespace warren::testing
