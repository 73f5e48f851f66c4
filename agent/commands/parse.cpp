#include "agent/commands/parse.hpp"

#include "agent/exit_codes.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace warren::agent {

std::optional<int> parse(CLI::App& app, const std::vector<std::string>& arguments) {
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    std::cout << (chosen.empty() ? &app : chosen.front())->help();
    return 0;
  } catch (const CLI::ParseError& e) {
    std::cerr << app.get_name() << ": " << e.what() << '\n';
    return exit_usage;
  }
  return std::nullopt;
}

}  // namespace warren::agent
