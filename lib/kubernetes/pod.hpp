#pragma once

#include "async/awaitable.hpp"
#include "kubernetes/api_client.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace warren::kubernetes {

// v1 Pod, as far as it says which incarnation of a member there is.
struct pod {
  std::string name;
  std::string uid;
  std::string phase;      // "Pending", "Running", "Succeeded", "Failed", "Unknown"
  bool deleting = false;  // has a deletionTimestamp; its containers may still run
};

// Fails with malformed_answer for what is not a Pod with name and uid. Total.
base::result<pod> parse_pod(std::string_view json);

// Reads a pod of the client's namespace. Nothing if the server says that there is no such pod; an
// answer that does not name it is a failure. A Role must grant get on pods: expect errc::forbidden.
async::awaitable<api_result<std::optional<pod>>> get_pod(api_client& api, std::string name,
                                                         base::time_point deadline);

// True if the namespace has a PersistentVolumeClaim of that name, one that is being deleted
// included: its volume may still be mounted. False only if the server says that there is none. A
// Role must grant get on persistentvolumeclaims: expect errc::forbidden.
async::awaitable<api_result<bool>> get_claim_exists(api_client& api, std::string name,
                                                    base::time_point deadline);

}  // namespace warren::kubernetes
