#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace warren::testing {

// Objects as Kubernetes' controllers write them, in the namespace "default".

struct kube_endpoint {
  std::string pod;  // its uid is "uid-" and the name
  std::string address;
  bool ready = true;
  bool terminating = false;
};

nlohmann::json endpoint_slice(const std::string& name, const std::string& service,
                              const std::vector<kube_endpoint>& endpoints,
                              const std::string& address_type = "IPv4");
// Terminating ones are left out, as they are in Kubernetes.
nlohmann::json endpoints(const std::string& service, const std::vector<kube_endpoint>& endpoints);
nlohmann::json statefulset(const std::string& name, const std::string& service, int replicas);
nlohmann::json lease(const std::string& name, const std::string& holder);
// An Event that Kubernetes accepts: events.k8s.io/v1, about the Pod.
nlohmann::json pod_event(const std::string& name, const std::string& pod,
                         const std::string& reason);

}  // namespace warren::testing
