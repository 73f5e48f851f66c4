#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

// Exit codes as in sysexits.h, which rabbitmqctl uses too.
constexpr int exit_usage = 64;        // unknown command or option
constexpr int exit_data = 65;         // the answer cannot be understood
constexpr int exit_unavailable = 69;  // the agent does not answer
constexpr int exit_os = 71;           // the system refuses, for example a port in use
constexpr int exit_config = 78;       // bad settings

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
int run_peers(const std::vector<std::string>& arguments);

}  // namespace warren::agent
