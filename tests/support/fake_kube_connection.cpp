#include "tests/support/fake_kube_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace warren::testing {
namespace {

namespace asio = async::asio;
namespace http = boost::beast::http;
using async::as_tuple;
using async::awaitable;

constexpr std::size_t longest_body = 3 * 1024 * 1024;  // as kube-apiserver
constexpr std::size_t kept_requests = 10000;

std::string head_of(const kube_answer& answer) {
  const auto status = static_cast<http::status>(answer.status);
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  out += std::string(http::obsolete_reason(status)) + "\r\n";
  out += "Cache-Control: no-cache, private\r\nContent-Type: " + answer.content_type + "\r\n";
  for (const auto& [name, value] : answer.headers) out.append(name + ": " + value + "\r\n");
  out += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
  return out;
}

}  // namespace

std::vector<std::shared_ptr<fake_kube_connection>> fake_kube_state::open_connections() const {
  std::vector<std::shared_ptr<fake_kube_connection>> out;
  for (const auto& weak : connections) {
    auto connection = weak.lock();
    if (connection && connection->is_open()) out.push_back(std::move(connection));
  }
  return out;
}

void fake_kube_state::wake() {
  for (const auto& connection : open_connections()) connection->wake();
}

fake_kube_connection::fake_kube_connection(std::shared_ptr<fake_kube_state> state,
                                           asio::ip::tcp::socket socket,
                                           std::shared_ptr<asio::ssl::context> tls)
    : state_(std::move(state)),
      socket_(std::move(socket)),
      context_(std::move(tls)),
      wake_(socket_.get_executor()),
      number_(++state_->connections_accepted) {
  if (context_) tls_.emplace(socket_, *context_);
}

awaitable<void> fake_kube_connection::run() {
  if (state_->faults.silent_in_handshake) {
    tls_.reset();  // reads what the client says as bytes
    co_await ignore_until_closed();
  } else if (tls_) {
    auto [ec] = co_await tls_->async_handshake(asio::ssl::stream_base::server, as_tuple);
    if (ec) close();
  }
  while (open_ && keep_alive_) {
    kube_request request;
    const bool received = co_await read_request(request);
    if (!received) break;
    record(request);
    co_await handle(request);
  }
  close();
}

void fake_kube_connection::close() {
  open_ = false;
  boost::system::error_code ignored;
  socket_.close(ignored);
  wake_.notify();
}

awaitable<bool> fake_kube_connection::read_request(kube_request& into) {
  http::request_parser<http::string_body> parser;
  parser.eager(true);
  parser.body_limit(longest_body);
  while (!parser.is_done()) {
    boost::system::error_code error;
    if (!inbox_.empty()) {
      const std::size_t used = parser.put(asio::buffer(inbox_), error);
      inbox_.erase(0, used);
      if (used != 0 && !error) continue;
    }
    if (error && error != http::error::need_more) {
      keep_alive_ = false;
      const unsigned code = error == http::error::body_limit ? 413 : 400;
      co_await send_answer(plain_answer(code));
      co_return false;
    }
    const std::size_t n = co_await read_some(inbox_);
    if (n == 0) co_return false;
  }
  into.method = parser.get().method_string();
  for (const auto& field : parser.get()) {
    std::string name(field.name_string());
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    into.headers[name] = field.value();
  }
  into.body = std::move(parser.get().body());
  keep_alive_ = parser.get().keep_alive();
  route(into, parser.get().target());
  co_return true;
}

void fake_kube_connection::record(const kube_request& request) {
  recorded_request out;
  out.method = request.method;
  out.verb = request.verb;
  out.path = request.path;
  out.query = request.query;
  out.headers = request.headers;
  out.headers.erase("authorization");
  out.body = request.body;
  out.connection = number_;
  out.at = base::steady::now();
  state_->requests.push_back(std::move(out));
  if (state_->requests.size() > kept_requests) state_->requests.pop_front();
}

bool fake_kube_connection::authorized(const kube_request& request) const {
  const auto& tokens = state_->settings.tokens;
  const auto shown = [&request](const std::string& token) {
    return request.header("authorization") == "Bearer " + token;
  };
  return tokens.empty() || std::any_of(tokens.begin(), tokens.end(), shown);
}

std::optional<kube_answer> fake_kube_connection::misbehaviour(const kube_request& request) {
  fake_kube_faults& faults = state_->faults;
  for (scripted_answer& scripted : faults.answers) {
    if (scripted.times == 0 || !request.path.starts_with(scripted.path_prefix)) continue;
    if (!scripted.verb.empty() && scripted.verb != request.verb) continue;
    if (scripted.times != forever) --scripted.times;
    kube_answer out = plain_answer(scripted.status);
    out.headers = scripted.headers;
    if (!scripted.body.empty()) out.body = scripted.body;
    return out;
  }
  if (!authorized(request)) return plain_answer(401);
  if (request.key.resource == nullptr) return not_found_path();
  const std::string resource = request.key.resource->qualified();
  if (faults.forbidden.contains({resource, ""}) ||
      faults.forbidden.contains({resource, request.verb})) {
    return forbidden_answer(request);
  }
  if (faults.absent.contains(resource)) return not_found_path();
  return std::nullopt;
}

bool fake_kube_connection::loses_answer(const kube_request& request) {
  for (lost_answer& lost : state_->faults.lost_answers) {
    if (lost.times == 0 || lost.verb != request.verb) continue;
    --lost.times;
    return true;
  }
  return false;
}

awaitable<void> fake_kube_connection::handle(const kube_request& request) {
  if (state_->faults.silent) {
    co_await ignore_until_closed();
    co_return;
  }
  if (state_->faults.latency.count() != 0) co_await pause(state_->faults.latency);
  if (state_->faults.drip) {
    co_await drip(*state_->faults.drip);
    co_return;
  }
  std::optional<kube_answer> answer = misbehaviour(request);
  if (!answer && request.verb == "watch") {
    co_await watch(request);
    co_return;
  }
  if (!answer) {
    answer = answer_request(state_->store, request);
    const bool wrote = answer->status < 300 && request.verb != "get" && request.verb != "list";
    if (wrote) state_->wake();
    if (wrote && request.verb != "delete" && request.key.resource->plural == "events") {
      state_->events.push_back(nlohmann::json::parse(answer->body));
      if (state_->on_event) state_->on_event(state_->events.back());
    }
  }
  if (loses_answer(request)) {
    close();
    co_return;
  }
  co_await send_answer(*answer);
}

awaitable<bool> fake_kube_connection::send_answer(const kube_answer& answer) {
  std::string bytes = head_of(answer) + answer.body;
  co_return co_await send(std::move(bytes));
}

awaitable<bool> fake_kube_connection::send(std::string bytes) {
  boost::system::error_code error;
  if (!open_) co_return false;
  if (tls_) {
    auto [ec, n] = co_await asio::async_write(*tls_, asio::buffer(bytes), as_tuple);
    error = ec;
  } else {
    auto [ec, n] = co_await asio::async_write(socket_, asio::buffer(bytes), as_tuple);
    error = ec;
  }
  if (error) close();
  co_return open_;
}

awaitable<std::size_t> fake_kube_connection::read_some(std::string& into) {
  std::array<char, 16384> piece;
  std::size_t size = 0;
  if (!open_) co_return size;
  if (tls_) {
    auto [ec, n] = co_await tls_->async_read_some(asio::buffer(piece), as_tuple);
    size = n;
  } else {
    auto [ec, n] = co_await socket_.async_read_some(asio::buffer(piece), as_tuple);
    size = n;
  }
  into.append(piece.data(), size);
  co_return size;
}

awaitable<void> fake_kube_connection::ignore_until_closed() {
  std::string ignored;
  std::size_t n = 1;
  while (n != 0) {
    n = co_await read_some(ignored);
    ignored.clear();
  }
  close();
}

awaitable<void> fake_kube_connection::pause(base::duration length) {
  const base::time_point until = base::steady::now() + length;
  while (open_ && base::steady::now() < until) co_await wake_.wait_until(until);
}

awaitable<void> fake_kube_connection::drip(base::duration interval) {
  std::string head = "HTTP/1.1 200 OK\r\nX-Slow: ";
  for (std::size_t i = 0; open_; ++i) {
    std::string byte(1, i < head.size() ? head[i] : 'a');
    const bool sent = co_await send(std::move(byte));
    if (sent) co_await pause(interval);
  }
}

}  // namespace warren::testing
