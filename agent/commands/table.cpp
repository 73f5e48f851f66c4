#include "agent/commands/table.hpp"

#include <algorithm>

namespace warren::agent {

std::string printable(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  return text;
}

std::string as_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& cells : rows) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t n = 0; n < cells.size(); ++n) widths[n] = std::max(widths[n], cells[n].size());
  }
  std::string text;
  for (const auto& cells : rows) {
    std::string line;
    for (std::size_t n = 0; n < cells.size(); ++n) {
      line += cells[n];
      if (n + 1 < cells.size()) line.append(widths[n] - cells[n].size() + 2, ' ');
    }
    text += line + '\n';
  }
  return text;
}

}  // namespace warren::agent
