#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

struct flags {
  std::map<std::string, std::string, std::less<>>
      values;                         // by name without "--"; the last one counts
  std::vector<std::string> problems;  // unknown ones and missing values, all
};

// The flags of settings_table() among `arguments`.
flags parse_flags(std::vector<std::string> arguments);

}  // namespace warren::agent
