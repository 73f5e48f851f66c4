#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace warren::agent {

// Gives the options of `app`, whose name is the command's, what the arguments say. The exit code if
// the command ends with that: 0 where help was asked for and is printed, 64 for wrong arguments, of
// which stderr says why.
std::optional<int> parse(CLI::App& app, const std::vector<std::string>& arguments);

}  // namespace warren::agent
