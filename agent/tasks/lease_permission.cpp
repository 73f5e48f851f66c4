#include "agent/tasks/lease_permission.hpp"

#include "kubernetes/errc.hpp"

namespace warren::agent {

bool lease_permission::refused(const base::error_code& why, base::time_point now) {
  constexpr base::duration lasting = std::chrono::seconds(10);
  if (why != kubernetes::errc::forbidden) {
    granted();
    return false;
  }
  refused_since_ = refused_since_.value_or(now);
  return now - *refused_since_ >= lasting;
}

}  // namespace warren::agent
