#pragma once

#include "base/result.hpp"

#include <string_view>

namespace warren::erldist {

struct node_name_parts {
  std::string_view alive;  // what EPMD knows: "rabbit"
  std::string_view host;   // "rmq-0.rmq"
};

// Splits "rabbit@rmq-0.rmq"; the parts live as long as `name`. Fails with bad_node_name.
base::result<node_name_parts> split_node_name(std::string_view name);

}  // namespace warren::erldist
