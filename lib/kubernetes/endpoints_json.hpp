#pragma once

#include "base/result.hpp"
#include "kubernetes/endpoint.hpp"

#include <string_view>
#include <vector>

namespace warren::kubernetes {

struct endpoints_object {
  std::vector<endpoint> endpoints;  // ready ones and not-ready ones of all subsets
  bool truncated = false;           // the server stops at 1000 addresses
};

// The v1 Endpoints object. Fails with malformed_answer for anything else, with answer_too_large
// beyond max_endpoints. Total.
base::result<endpoints_object> parse_endpoints(std::string_view json);

}  // namespace warren::kubernetes
