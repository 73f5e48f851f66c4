#include "agent/commands/ask_agent.hpp"

#include "agent/settings_values.hpp"
#include "http/errc.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <utility>

namespace warren::agent {
namespace {

constexpr base::duration limit = std::chrono::seconds(5);
constexpr std::size_t at_a_time = 8;
constexpr std::size_t max_answer = std::size_t{1} << 20;

using answers = std::vector<base::result<http::response>>;

async::awaitable<base::result<http::response>> exchange(question q) {
  http::client_settings settings;
  settings.max_body = max_answer;
  http::client client(co_await async::asio::this_coro::executor, std::move(q.to), settings);
  co_return co_await client.exchange(std::move(q.request), base::steady::now() + limit);
}

// One of those that work side by side: takes the next question until there is none.
async::awaitable<void> work(std::vector<question>& questions, std::size_t& next, answers& into) {
  while (next < questions.size()) {
    const std::size_t mine = next++;
    base::result<http::response> answer = co_await exchange(std::move(questions[mine]));
    into[mine] = std::move(answer);
  }
}

std::string variable(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? fallback : value;
}

}  // namespace

std::string default_agent() {
  const auto given = parse_host_port(variable("WARREN_LISTEN", ""));
  if (!given) return "127.0.0.1:" + std::to_string(default_port);
  const bool every = given->host.empty() || given->host == "::" || given->host == "0.0.0.0";
  const std::string host = every ? "127.0.0.1" : given->host;
  return (is_ipv6_address(host) ? '[' + host + ']' : host) + ':' +
         std::to_string(given->port.value_or(default_port));
}

std::string default_admin_socket() {
  return variable("WARREN_ADMIN_SOCKET", "/run/warren/admin.sock");
}

std::optional<http::origin> agent_at(const std::string& address) {
  const auto parsed = parse_host_port(address);
  if (!parsed) return std::nullopt;
  http::origin origin;
  origin.tls = false;
  origin.host = parsed->host;
  origin.port = parsed->port.value_or(default_port);
  return origin;
}

http::origin admin_socket_at(const std::string& path) {
  http::origin origin;
  origin.tls = false;
  origin.unix_socket = path;
  return origin;
}

answers ask(std::vector<question> questions) {
  answers all(questions.size(), base::failure(http::errc::connect_failed));
  std::size_t next = 0;
  std::exception_ptr broke;
  async::asio::io_context context(1);
  for (std::size_t i = 0; i < std::min(at_a_time, questions.size()); ++i) {
    async::asio::co_spawn(context, work(questions, next, all),
                          [&](const std::exception_ptr& error) {
                            if (error) broke = error;
                          });
  }
  context.run();
  if (broke) std::rethrow_exception(broke);
  return all;
}

base::result<http::response> ask(const http::origin& to, std::string target, http::method verb) {
  question one{.to = to, .request = {}};
  one.request.target = std::move(target);
  one.request.verb = verb;
  std::vector<question> questions;
  questions.push_back(std::move(one));
  return std::move(ask(std::move(questions)).front());
}

}  // namespace warren::agent
