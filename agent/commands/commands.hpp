#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

struct command {
  std::string_view name;
  std::string_view help;  // one line
  int (*run)(
      const std::vector<std::string>& arguments);  // those after the name; gives the exit code
};
const std::vector<command>& commands();

// Runs the command that the first argument names.
int run_command_line(const std::vector<std::string>& arguments);

int run_agent(const std::vector<std::string>& arguments);
int run_gate(const std::vector<std::string>& arguments);
int run_peers(const std::vector<std::string>& arguments);
int run_status(const std::vector<std::string>& arguments);
int run_render(const std::vector<std::string>& arguments);
int run_install(const std::vector<std::string>& arguments);

}  // namespace warren::agent
