#include "agent/commands/ask_agent.hpp"
#include "agent/commands/commands.hpp"
#include "agent/commands/parse.hpp"
#include "agent/commands/status_output.hpp"
#include "agent/exit_codes.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace warren::agent {
namespace {

constexpr std::size_t max_addresses = 2;  // of one node: a pod has one of each family

int fail(int code, const std::string& why) {
  std::cerr << "warren status: " << why << '\n';
  return code;
}

void keep(node_answer& node, const base::result<http::response>& answer) {
  if (!answer) {
    node.error = answer.error().text();
  } else if (answer->status != 200) {
    node.error = "its agent answers " + std::to_string(answer->status);
  } else {
    node.error.clear();
    node.body = answer->body;
  }
}

// Asks those that have not answered yet at their addresses number `n`; false if none has so many.
bool ask_at_address(std::vector<node_answer>& nodes, std::size_t n, std::uint16_t port) {
  std::vector<question> questions;
  std::vector<node_answer*> asked;
  for (node_answer& node : nodes) {
    if (node.error.empty() || node.who.addresses.size() <= n) continue;
    question one;
    one.to.tls = false;
    one.to.host = node.who.addresses[n];
    one.to.port = port;
    one.request.target = "/v1/status";
    questions.push_back(std::move(one));
    asked.push_back(&node);
  }
  const auto answers = ask(std::move(questions));
  for (std::size_t i = 0; i < answers.size(); ++i) keep(*asked[i], answers[i]);
  return !asked.empty();
}

// The own agent's answer stands for its node, listed or not.
std::vector<node_answer> all_nodes(std::vector<listed_node> listed, const std::string& own_body) {
  const std::string own = node_of_status(own_body);
  if (std::ranges::find(listed, own, &listed_node::node) == listed.end()) {
    listed.push_back({.node = own, .pod = "", .ready = "-", .addresses = {}});
    std::ranges::sort(listed, {}, &listed_node::node);
  }
  std::vector<node_answer> nodes;
  for (listed_node& who : listed) {
    node_answer node{.who = std::move(who), .body = "", .error = "it has no address"};
    if (node.who.node == own) {
      node.error.clear();
      node.body = own_body;
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

int show(const http::origin& agent, std::uint16_t port, status_output output) {
  const auto status = ask(agent, "/v1/status");
  if (!status) return fail(exit_unavailable, status.error().text() + "; does the agent run?");
  const auto peers = ask(agent, "/v1/peers");
  if (!peers) return fail(exit_unavailable, peers.error().text() + "; does the agent run?");
  auto listed = read_nodes(peers->body);
  if (!listed || node_of_status(status->body).empty()) {
    return fail(exit_data, "what answers is no agent");
  }
  std::vector<node_answer> nodes = all_nodes(std::move(*listed), status->body);
  std::size_t n = 0;
  while (n < max_addresses && ask_at_address(nodes, n, port)) ++n;
  std::cout << show_status(nodes, output);
  return 0;
}

}  // namespace

int run_status(const std::vector<std::string>& arguments) {
  std::string format = "table";
  std::string socket = default_admin_socket();
  std::string agent;
  CLI::App app("Shows all nodes of the cluster as their agents see them.", "warren status");
  app.add_option("--output,-o", format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  app.add_option("--agent", agent,
                 "where the own agent listens. Default: the admin socket, else " + default_agent())
      ->type_name("ADDRESS:PORT");
  app.add_option("--admin-socket", socket, "where it takes orders")
      ->type_name("PATH")
      ->capture_default_str();
  if (const auto ended = parse(app, arguments)) return *ended;
  const auto own = agent_at(agent.empty() ? default_agent() : agent);
  if (!own) return fail(exit_usage, "--agent '" + agent + "' is not ADDRESS:PORT");
  const status_output output = format == "json" ? status_output::json : status_output::table;
  if (agent.empty()) {
    const http::origin admin = admin_socket_at(socket);
    const auto there = ask(admin, "/agent/livez");
    if (there) return show(admin, own->port, output);
  }
  return show(*own, own->port, output);
}

}  // namespace warren::agent
