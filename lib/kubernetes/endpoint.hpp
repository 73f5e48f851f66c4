#pragma once

#include <string>
#include <vector>

namespace warren::kubernetes {

// One endpoint of a Service, as an EndpointSlice or the Endpoints object lists it. A pod may have
// several: one for each address family, and two while the controller moves it between slices.
struct endpoint {
  std::string address;   // the first one; the others are for nobody (discovery/v1 types)
  std::string hostname;  // of a StatefulSet's pod, when the Service is its governing one
  std::string pod;       // targetRef.name
  std::string uid;       // targetRef.uid
  bool ready = true;     // with publishNotReadyAddresses always true: see serving
  bool serving = true;
  bool terminating = false;
  friend bool operator==(const endpoint&, const endpoint&) = default;
};

enum class address_type { ipv4, ipv6, other };

// discovery.k8s.io/v1 EndpointSlice, as far as it matters here.
struct endpoint_slice {
  std::string name;
  std::string resource_version;  // opaque: only equality means something
  address_type type = address_type::other;
  std::vector<endpoint> endpoints;  // empty for other types (FQDN is deprecated)
};

}  // namespace warren::kubernetes
