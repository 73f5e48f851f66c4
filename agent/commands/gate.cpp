#include "agent/commands/ask_agent.hpp"
#include "agent/commands/commands.hpp"
#include "agent/commands/gate_output.hpp"
#include "agent/commands/parse.hpp"
#include "agent/commands/table.hpp"
#include "agent/domain/doors.hpp"
#include "agent/exit_codes.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <optional>
#include <string>

namespace warren::agent {
namespace {

int fail(int code, const std::string& why) {
  std::cerr << "warren gate: " << why << '\n';
  return code;
}

std::string first_line(const std::string& body) {
  return printable(body.substr(0, body.find('\n')));
}

int unreachable(const base::failure& why) {
  return fail(exit_unavailable, why.text() +
                                    "; does the agent run in this container, and is its folder a "
                                    "volume that both may write to? --admin-socket names it");
}

int show(const std::string& socket) {
  const base::result<http::response> answer = ask(admin_socket_at(socket), "/v1/gate");
  if (!answer) return unreachable(answer.error());
  const std::optional<std::string> text =
      answer->status == 200 ? show_gate(answer->body) : std::nullopt;
  if (!text) return fail(exit_data, socket + " does not tell of a gate; is it an agent's?");
  std::cout << *text;
  return 0;
}

// Without `yes` only says what would happen.
int order(const std::string& socket, const std::string& target, bool yes) {
  const auto answer =
      ask(admin_socket_at(socket), target, yes ? http::method::post : http::method::get);
  if (!answer) return unreachable(answer.error());
  const std::string text = first_line(answer->body);
  if (answer->status == 202) {
    std::cout << text << '\n';
    return 0;
  }
  if (answer->status == 409) return fail(exit_refused, "refused: " + text);
  if (answer->status != 200) {
    return fail(exit_data, socket + " answers " + std::to_string(answer->status) + ": " + text);
  }
  return fail(exit_usage, "this would happen: " + text + "; --yes does it");
}

}  // namespace

int run_gate(const std::vector<std::string>& arguments) {
  std::string socket = default_admin_socket();
  std::string node;
  bool yes = false;
  CLI::App app("Shows what the start gate of this pod waits for, or overrules it.", "warren gate");
  app.require_subcommand(1);
  const auto add = [&](const char* name, const char* help) {
    CLI::App* command = app.add_subcommand(name, help);
    command->add_option("--admin-socket", socket, "where the agent takes orders")
        ->type_name("PATH")
        ->capture_default_str();
    return command;
  };
  add("show", "what the gate knows, decides and waits for");
  CLI::App* found = add("found", "makes this node found a cluster");
  found->add_flag("--yes", yes, "do it; else it is only said what would happen");
  CLI::App* join = add("join", "makes this node join another one");
  join->add_option("NODE", node, "the other one, like rabbit@rmq-1")->required();
  join->add_flag("--yes", yes, "do it; else it is only said what would happen");
  if (const auto ended = parse(app, arguments)) return *ended;
  if (found->parsed()) return order(socket, "/v1/gate/found", yes);
  if (!join->parsed()) return show(socket);
  if (!domain::is_node_name(node)) {
    return fail(exit_usage, "'" + printable(node) + "' is not a node name like rabbit@rmq-1");
  }
  return order(socket, "/v1/gate/join?node=" + http::percent_encode(node), yes);
}

}  // namespace warren::agent
