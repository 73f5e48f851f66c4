#include "agent/commands/commands.hpp"
#include "agent/commands/peers_output.hpp"
#include "agent/exit_codes.hpp"
#include "agent/settings_values.hpp"
#include "http/client.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <utility>

namespace warren::agent {
namespace {

constexpr std::uint16_t default_port = 15690;
constexpr base::duration limit = std::chrono::seconds(5);

// Where the agent of this pod listens: its own setting tells, and every address means loopback.
std::string default_agent() {
  const char* listen = std::getenv("WARREN_LISTEN");
  const auto given = parse_host_port(listen == nullptr ? "" : listen);
  if (!given) return "127.0.0.1:15690";
  const bool every = given->host.empty() || given->host == "::" || given->host == "0.0.0.0";
  const std::string host = every ? "127.0.0.1" : given->host;
  return (is_ipv6_address(host) ? '[' + host + ']' : host) + ':' +
         std::to_string(given->port.value_or(default_port));
}

peers_output output_named(const std::string& format) {
  if (format == "json") return peers_output::json;
  return format == "plain" ? peers_output::plain : peers_output::table;
}

async::awaitable<base::result<http::response>> ask(http::origin agent) {
  http::client client(co_await async::asio::this_coro::executor, std::move(agent));
  http::outgoing request;
  request.target = "/v1/peers";
  co_return co_await client.exchange(std::move(request), base::steady::now() + limit);
}

base::result<http::response> answer_of(const http::origin& agent) {
  async::asio::io_context context(1);
  std::optional<base::result<http::response>> answer;
  std::exception_ptr broke;
  async::asio::co_spawn(context, ask(agent),
                        [&](const std::exception_ptr& error, base::result<http::response> r) {
                          broke = error;
                          answer = std::move(r);
                        });
  context.run();
  if (broke) std::rethrow_exception(broke);
  return std::move(answer).value();
}

}  // namespace

int run_peers(const std::vector<std::string>& arguments) {
  std::string format = "table";
  std::string agent = default_agent();
  CLI::App app("Lists the peers that the agent of this pod has found.", "warren peers");
  app.add_option("--output,-o", format, "table, json or plain (one node name a line)")
      ->check(CLI::IsMember({"table", "json", "plain"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  app.add_option("--agent", agent, "where the agent listens")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::ParseError& e) {
    std::cerr << "warren peers: " << e.what() << '\n';
    return exit_usage;
  }
  const auto address = parse_host_port(agent);
  if (!address) {
    std::cerr << "warren peers: --agent '" << agent << "' is not ADDRESS:PORT\n";
    return exit_usage;
  }
  http::origin origin;
  origin.tls = false;
  origin.host = address->host;
  origin.port = address->port.value_or(default_port);
  const base::result<http::response> answer = answer_of(origin);
  if (!answer || answer->status != 200) {
    std::cerr << "warren peers: "
              << (answer ? agent + " answers " + std::to_string(answer->status)
                         : answer.error().text())
              << "; does the agent run?\n";
    return exit_unavailable;
  }
  const std::optional<std::string> text = show_peers(answer->body, output_named(format));
  if (!text) {
    std::cerr << "warren peers: " << agent << " gives no list of peers; is it an agent?\n";
    return exit_data;
  }
  std::cout << *text;
  return 0;
}

}  // namespace warren::agent
