#pragma once

#include "async/awaitable.hpp"
#include "kubernetes/api_client.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace warren::kubernetes {

enum class pod_management {
  ordered_ready,  // a pod is created once the one before is ready; the API's default
  parallel,
};

// apps/v1 StatefulSet, as far as it says which pods there should be.
struct stateful_set {
  std::string name;
  std::string uid;
  std::int64_t replicas = 1;                              // spec.replicas; absent means 1
  std::int64_t first_ordinal = 0;                         // spec.ordinals.start
  bool deleting = false;                                  // has a deletionTimestamp
  std::string service_name;                               // spec.serviceName
  pod_management policy = pod_management::ordered_ready;  // spec.podManagementPolicy
  // spec.volumeClaimTemplates: pod 0 of set "rmq" has the claim "data-rmq-0" by a template "data".
  std::vector<std::string> claim_templates;
};

// Fails with malformed_answer for what is not a StatefulSet, or has more than 100 claim templates.
// Total.
base::result<stateful_set> parse_stateful_set(std::string_view json);

// Reads one StatefulSet of the client's namespace. The permission is optional for users: expect
// errc::forbidden.
async::awaitable<api_result<stateful_set>> get_stateful_set(api_client& api, std::string name,
                                                            base::time_point deadline);

}  // namespace warren::kubernetes
