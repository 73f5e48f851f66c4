#include "agent/domain/expected.hpp"

#include "agent/domain/peers.hpp"

#include <algorithm>
#include <charconv>

namespace warren::domain {
namespace {

// "rabbit@" and ".rmq.shop.svc" around the pod's name in a node's.
struct frame {
  std::string before;
  std::string after;
};

std::optional<frame> frame_of(std::string_view node, std::string_view pod) {
  const std::string_view host = host_of(node);
  const bool named = !pod.empty() && host.starts_with(pod) &&
                     (host.size() == pod.size() || host[pod.size()] == '.');
  if (!named) return std::nullopt;
  return frame{std::string(node.substr(0, node.size() - host.size())),
               std::string(host.substr(pod.size()))};
}

std::string_view set_of(std::string_view pod) {
  return pod.substr(0, pod.rfind('-'));
}

}  // namespace

std::optional<int> ordinal_of(std::string_view pod) {
  const std::size_t dash = pod.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const std::string_view digits = pod.substr(dash + 1);
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc() && end == digits.data() + digits.size() && value >= 0;
  return whole ? std::optional(value) : std::nullopt;
}

std::optional<std::vector<std::string>> nodes_of_set(std::string_view own_node,
                                                     std::string_view own_pod, int first,
                                                     int count) {
  const auto around = frame_of(own_node, own_pod);
  if (!around || !ordinal_of(own_pod)) return std::nullopt;
  std::vector<std::string> nodes;
  for (int i = first; i < first + count; ++i) {
    nodes.push_back(around->before + std::string(set_of(own_pod)) + "-" + std::to_string(i) +
                    around->after);
  }
  return nodes;
}

std::string pod_of_node(std::string_view node, std::string_view own_node,
                        std::string_view own_pod) {
  const auto around = frame_of(own_node, own_pod);
  if (!around || !node.starts_with(around->before) || !node.ends_with(around->after) ||
      node.size() < around->before.size() + around->after.size()) {
    return {};
  }
  const std::string_view pod = node.substr(
      around->before.size(), node.size() - around->before.size() - around->after.size());
  const bool ours = ordinal_of(pod).has_value() && set_of(pod) == set_of(own_pod);
  return ours ? std::string(pod) : std::string();
}

}  // namespace warren::domain
