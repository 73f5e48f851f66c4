#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <optional>

namespace warren::agent {

// Whether the Role allows Leases. kube-apiserver also answers 403 for a moment after its start, so
// that only counts once it has lasted.
class lease_permission {
 public:
  void granted() { refused_since_.reset(); }
  // The API server gave `why` instead of an answer. True once it has said 403 for ten seconds.
  bool refused(const base::error_code& why, base::time_point now);

 private:
  std::optional<base::time_point> refused_since_;
};

}  // namespace warren::agent
