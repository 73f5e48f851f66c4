#include "agent/commands/ask_agent.hpp"
#include "agent/commands/commands.hpp"
#include "agent/commands/parse.hpp"
#include "agent/commands/peers_output.hpp"
#include "agent/exit_codes.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <optional>

namespace warren::agent {
namespace {

peers_output output_named(const std::string& format) {
  if (format == "json") return peers_output::json;
  return format == "plain" ? peers_output::plain : peers_output::table;
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
  if (const auto ended = parse(app, arguments)) return *ended;
  const auto origin = agent_at(agent);
  if (!origin) {
    std::cerr << "warren peers: --agent '" << agent << "' is not ADDRESS:PORT\n";
    return exit_usage;
  }
  const base::result<http::response> answer = ask(*origin, "/v1/peers");
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
