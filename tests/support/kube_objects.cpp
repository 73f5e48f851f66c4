#include "tests/support/kube_objects.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace warren::testing {
namespace {

using nlohmann::json;

json target_ref(const std::string& pod) {
  return {{"kind", "Pod"}, {"namespace", "default"}, {"name", pod}, {"uid", "uid-" + pod}};
}

}  // namespace

json endpoint_slice(const std::string& name, const std::string& service,
                    const std::vector<kube_endpoint>& members, const std::string& address_type) {
  json list = json::array();
  for (const kube_endpoint& e : members) {
    list.push_back({{"addresses", json::array({e.address})},
                    {"conditions",
                     {{"ready", e.ready && !e.terminating},
                      {"serving", e.ready},
                      {"terminating", e.terminating}}},
                    {"hostname", e.pod},
                    {"targetRef", target_ref(e.pod)}});
  }
  return {{"apiVersion", "discovery.k8s.io/v1"},
          {"kind", "EndpointSlice"},
          {"metadata",
           {{"name", name},
            {"namespace", "default"},
            {"labels", {{"kubernetes.io/service-name", service}}}}},
          {"addressType", address_type},
          {"endpoints", std::move(list)},
          {"ports", json::array({{{"name", "amqp"}, {"port", 5672}, {"protocol", "TCP"}}})}};
}

json endpoints(const std::string& service, const std::vector<kube_endpoint>& members) {
  json ready = json::array();
  json not_ready = json::array();
  for (const kube_endpoint& e : members) {
    if (e.terminating) continue;
    json address = {{"ip", e.address}, {"hostname", e.pod}, {"targetRef", target_ref(e.pod)}};
    (e.ready ? ready : not_ready).push_back(std::move(address));
  }
  json subset = {{"ports", json::array({{{"name", "amqp"}, {"port", 5672}, {"protocol", "TCP"}}})}};
  if (!ready.empty()) subset["addresses"] = ready;
  if (!not_ready.empty()) subset["notReadyAddresses"] = not_ready;
  json out = {{"apiVersion", "v1"},
              {"kind", "Endpoints"},
              {"metadata", {{"name", service}, {"namespace", "default"}}}};
  // Without addresses Kubernetes leaves `subsets` out.
  if (subset.size() > 1) out["subsets"] = json::array({subset});
  return out;
}

json statefulset(const std::string& name, const std::string& service, int replicas) {
  return {{"apiVersion", "apps/v1"},
          {"kind", "StatefulSet"},
          {"metadata", {{"name", name}, {"namespace", "default"}}},
          {"spec", {{"serviceName", service}, {"replicas", replicas}}},
          {"status", {{"replicas", replicas}}}};
}

json lease(const std::string& name, const std::string& holder) {
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata", {{"name", name}, {"namespace", "default"}}},
          {"spec", {{"holderIdentity", holder}, {"leaseDurationSeconds", 15}}}};
}

json pod_event(const std::string& name, const std::string& pod, const std::string& reason) {
  return {{"apiVersion", "events.k8s.io/v1"},
          {"kind", "Event"},
          {"metadata", {{"name", name}, {"namespace", "default"}}},
          {"eventTime", "2026-03-01T10:00:00.000000Z"},
          {"reportingController", "warren.example/agent"},
          {"reportingInstance", pod},
          {"action", "Observe"},
          {"reason", reason},
          {"regarding",
           {{"kind", "Pod"},
            {"namespace", "default"},
            {"name", pod},
            {"uid", "uid-" + pod},
            {"apiVersion", "v1"}}},
          {"note", "a note"},
          {"type", "Normal"}};
}

}  // namespace warren::testing
