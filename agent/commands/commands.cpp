#include "agent/commands/commands.hpp"

#include "agent/exit_codes.hpp"

#include <iostream>

namespace warren::agent {
namespace {

int run_version(const std::vector<std::string>&) {
  std::cout << "warren " WARREN_VERSION "\n";
  return 0;
}

void list_commands(std::ostream& out) {
  out << "usage: warren COMMAND [OPTION...]\n\n";
  for (const command& known : commands()) {
    out << "  " << known.name << std::string(10 - known.name.size(), ' ') << known.help << '\n';
  }
  out << "\n`warren COMMAND --help` lists the options of a command.\n";
}

}  // namespace

const std::vector<command>& commands() {
  static const std::vector<command> table = {
      {"agent", "runs beside a broker: finds its peers, answers probes, tells what happened",
       run_agent},
      {"gate", "shows what the start gate of this pod waits for, or overrules it", run_gate},
      {"peers", "lists the peers that the agent of this pod has found", run_peers},
      {"status", "shows all nodes of the cluster as their agents see them", run_status},
      {"render", "prints the configuration that is equivalent to what is set here", run_render},
      {"install", "copies this program into a folder that another container mounts", run_install},
      {"version", "tells the version", run_version},
  };
  return table;
}

int run_command_line(const std::vector<std::string>& arguments) {
  const std::string first = arguments.empty() ? "" : arguments.front();
  if (first == "--help" || first == "-h" || first == "help") {
    list_commands(std::cout);
    return 0;
  }
  if (first == "--version") return run_version({});
  for (const command& known : commands()) {
    if (known.name == first) return known.run({arguments.begin() + 1, arguments.end()});
  }
  if (!first.empty()) std::cerr << "warren: unknown command '" << first << "'\n\n";
  list_commands(std::cerr);
  return exit_usage;
}

}  // namespace warren::agent
