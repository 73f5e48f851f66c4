#pragma once

#include "async/awaitable.hpp"
#include "async/wakeup.hpp"
#include "tests/support/fake_kube_answer.hpp"
#include "tests/support/fake_kube_api.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warren::testing {

class fake_kube_connection;

// What the connections of one fake_kube_api share.
struct fake_kube_state {
  fake_kube_settings settings;
  fake_kube_store store;
  fake_kube_faults faults;
  std::deque<recorded_request> requests;
  std::vector<nlohmann::json> events;
  std::function<void(const nlohmann::json&)> on_event;
  std::vector<std::string> raw_lines;  // for the watches that were open when each was added
  std::size_t watch_generation = 0;    // watches of an earlier one end
  std::vector<std::weak_ptr<fake_kube_connection>> connections;
  std::size_t connections_accepted = 0;
  std::size_t watches_open = 0;

  void wake();
  [[nodiscard]] std::vector<std::shared_ptr<fake_kube_connection>> open_connections() const;
};

// One client of fake_kube_api. Its coroutine owns it; close() makes that end.
class fake_kube_connection : public std::enable_shared_from_this<fake_kube_connection> {
 public:
  // Plain HTTP if `tls` is null.
  fake_kube_connection(std::shared_ptr<fake_kube_state> state, async::asio::ip::tcp::socket socket,
                       std::shared_ptr<async::asio::ssl::context> tls);

  // Ends when either side has closed.
  async::awaitable<void> run();
  void close();
  void wake() { wake_.notify(); }
  [[nodiscard]] bool is_open() const { return open_; }

 private:
  struct watch_state;

  async::awaitable<bool> read_request(kube_request& into);
  async::awaitable<void> handle(const kube_request& request);
  async::awaitable<void> watch(const kube_request& request);
  async::awaitable<void> stream_events(const kube_request& request, watch_state& watch);
  async::awaitable<void> send_endless_line();
  async::awaitable<bool> send_line(std::string line, watch_state& watch);
  async::awaitable<bool> send_answer(const kube_answer& answer);
  async::awaitable<bool> send(std::string bytes);
  async::awaitable<void> drip(base::duration interval);
  async::awaitable<std::size_t> read_some(std::string& into);  // 0 at the end
  async::awaitable<void> ignore_until_closed();
  async::awaitable<void> pause(base::duration length);

  std::optional<kube_answer> misbehaviour(const kube_request& request);
  bool loses_answer(const kube_request& request);
  [[nodiscard]] bool authorized(const kube_request& request) const;
  void record(const kube_request& request);
  std::optional<watch_fault> take_watch_fault();

  std::shared_ptr<fake_kube_state> state_;
  async::asio::ip::tcp::socket socket_;
  std::shared_ptr<async::asio::ssl::context> context_;
  std::optional<async::asio::ssl::stream<async::asio::ip::tcp::socket&>> tls_;
  async::wakeup wake_;
  std::string inbox_;
  std::size_t number_;
  bool open_ = true;
  bool keep_alive_ = true;
};

}  // namespace warren::testing
