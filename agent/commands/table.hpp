#pragma once

#include <string>
#include <vector>

namespace warren::agent {

// Text from elsewhere without the characters that would steer a terminal.
std::string printable(std::string text);

// Rows of equally many cells, each column as wide as its widest cell; every line has its end.
std::string as_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace warren::agent
