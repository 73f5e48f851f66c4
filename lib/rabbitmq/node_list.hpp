#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace warren::rabbitmq {

// Whether a list of nodes, in any order, has `node`.
inline bool lists(const std::vector<std::string>& nodes, const std::string& node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

}  // namespace warren::rabbitmq
