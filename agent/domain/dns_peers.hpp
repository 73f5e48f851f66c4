#pragma once

#include "agent/domain/peers.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warren::domain {

// A target of the Service's SRV records.
struct dns_host {
  std::string name;                    // "rmq-0.rmq.shop.svc.cluster.local"
  std::vector<std::string> addresses;  // of both families
};

// What a look at a headless Service's name gave.
struct dns_view {
  std::string name;                    // that was looked at: "rmq.shop.svc.cluster.local"
  std::vector<dns_host> hosts;         // each once
  std::vector<std::string> addresses;  // of the name itself, looked for where it has no SRV records
};

// The peers in DNS, by the rules that endpoints follow. The first label of an SRV target is the
// host name that an endpoint has ("Kubernetes DNS-Based Service Discovery" 1.1, section 2.4.2);
// where no suffix is set, the whole target is. One that stands for an address ("10-0-0-1") is none:
// the pod has no host name. Such pods can be told by address alone, then of the preferred family,
// if it has any: which two addresses are one pod's is not known. DNS does not tell what is ready or
// ends, so every peer counts as ready.
peer_list peers_in_dns(const dns_view& seen, const name_rules& rules);

// The complete name of a Service, with a dot at its end; the cluster's domain is what the search
// list has behind "svc.", else cluster.local. Without a namespace the Service's own name, which is
// for the search list to complete.
std::string service_in_dns(std::string_view service, std::string_view name_space,
                           std::span<const std::string> search);

}  // namespace warren::domain
