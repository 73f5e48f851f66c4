#include "agent/domain/doors.hpp"

#include <algorithm>

namespace warren::domain {
namespace {

constexpr std::string_view header = "# warren-door ";
constexpr std::size_t longest_name = 255;  // of an Erlang atom

bool all_of(std::string_view text, std::string_view or_one_of) {
  return std::all_of(text.begin(), text.end(), [or_one_of](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           or_one_of.find(c) != std::string_view::npos;
  });
}

std::string_view host_of(std::string_view node) {
  return node.substr(std::min(node.find('@') + 1, node.size()));
}

std::string setting(std::string_view key, std::string_view value) {
  return "cluster_formation." + std::string(key) + " = " + std::string(value) + "\n";
}

// Tries go on for ever: when they end, a broker boots alone. The limit is the largest that every
// version takes.
std::string classic_config(std::string_view node, std::string_view interval_ms) {
  return setting("peer_discovery_backend", "classic_config") +
         setting("classic_config.nodes.1", node) + setting("node_type", "disc") +
         setting("discovery_retry_limit", "2147483647") +
         setting("discovery_retry_interval", interval_ms);
}

std::string settings_of(const door& d, std::string_view node) {
  switch (d.kind) {
    case door_kind::found:
    case door_kind::join_by_calls:
      return classic_config(node, "500");
    case door_kind::classic:
      return classic_config(d.target, "500");
    case door_kind::seed:
      return setting("peer_discovery_backend", "k8s") + setting("k8s.seed_node", d.target) +
             setting("node_type", "disc") + setting("discovery_retry_interval", "500");
    case door_kind::closed:
      break;
  }
  return classic_config("warren-closed@" + std::string(host_of(node)), "30000");
}

std::string_view purpose(door_kind k) {
  switch (k) {
    case door_kind::found:
      return "this node founds the cluster";
    case door_kind::classic:
    case door_kind::seed:
      return "this node joins the cluster of the target";
    case door_kind::join_by_calls:
      return "this node boots alone, and Warren then makes it join the cluster of the target";
    case door_kind::closed:
      break;
  }
  return "this node has data and goes on with it; without data it waits for ever";
}

// "value" of "key=value"; takes it off the front, with the blank behind it.
std::optional<std::string_view> take(std::string_view& line, std::string_view key) {
  if (!line.starts_with(key)) return std::nullopt;
  line.remove_prefix(key.size());
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view value = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return value;
}

}  // namespace

bool is_node_name(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.size() <= longest_name && all_of(text.substr(0, at), "_-.") &&
         all_of(text.substr(at + 1), "_-.:");
}

bool is_pod_uid(std::string_view text) {
  return text.size() <= longest_name && all_of(text, "-");
}

bool has_target(door_kind k) {
  return k != door_kind::closed && k != door_kind::found;
}

bool is_sound(const door& d) {
  return (has_target(d.kind) ? is_node_name(d.target) : d.target.empty()) && is_pod_uid(d.pod_uid);
}

std::string door_text(const door& d, std::string_view node) {
  return std::string(header) + "kind=" + std::string(name(d.kind)) + " target=" + d.target +
         " pod_uid=" + d.pod_uid + "\n# Written by Warren: " + std::string(purpose(d.kind)) +
         ".\n# Only a virgin broker reads it. Changes are overwritten.\n" + settings_of(d, node);
}

std::optional<door> parse_door(std::string_view text) {
  if (!text.starts_with(header)) return std::nullopt;
  std::string_view line = text.substr(header.size(), text.find('\n') - header.size());
  if (text.find('\n') == std::string_view::npos) return std::nullopt;
  const auto kind = take(line, "kind=");
  const auto target = kind ? take(line, "target=") : std::nullopt;
  const auto pod_uid = target ? take(line, "pod_uid=") : std::nullopt;
  if (!pod_uid || !line.empty()) return std::nullopt;
  for (const door_kind each : all_door_kinds) {
    if (*kind != name(each)) continue;
    door found{.kind = each, .target = std::string(*target), .pod_uid = std::string(*pod_uid)};
    if (is_sound(found)) return found;
  }
  return std::nullopt;
}

}  // namespace warren::domain
