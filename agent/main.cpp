#include "agent/commands/commands.hpp"
#include "agent/exit_codes.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  try {
    return warren::agent::run_command_line({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::cerr << "warren: " << e.what() << '\n';
    return warren::agent::exit_software;
  }
}
