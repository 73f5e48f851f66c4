#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warren::domain {

// The own StatefulSet, as far as it says which pods there should be and what they hold on to.
struct set_view {
  int replicas = 1;
  int first_ordinal = 0;
  bool ordered_ready = true;                 // podManagementPolicy
  std::vector<std::string> claim_templates;  // a pod's claims are TEMPLATE-POD
  friend bool operator==(const set_view&, const set_view&) = default;
};

// The ordinal of a StatefulSet's pod: 2 of "rmq-2". Nothing if there is none.
std::optional<int> ordinal_of(std::string_view pod);

// The nodes of pods `first` to `first + count - 1` of the own StatefulSet, in that order, by the
// own node's name: only the pod's name in its host differs. Nothing if the host does not begin with
// the pod's name, so that others' cannot be made in its way (K8S_ADDRESS_TYPE is ip).
std::optional<std::vector<std::string>> nodes_of_set(std::string_view own_node,
                                                     std::string_view own_pod, int first,
                                                     int count);

// The pod that nodes_of_set() made the node of, "rmq-1" of "rabbit@rmq-1.rmq"; empty if `node` is
// none of these.
std::string pod_of_node(std::string_view node, std::string_view own_node, std::string_view own_pod);

}  // namespace warren::domain
