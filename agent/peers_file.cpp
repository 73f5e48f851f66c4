#include "agent/peers_file.hpp"

#include "base/wall_text.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>

namespace warren::agent {
namespace {

using json = nlohmann::ordered_json;

std::optional<std::string> rabbitmq_conf(const domain::peer_list& list) {
  std::string nodes;
  std::size_t n = 0;
  for (const domain::peer& p : list.peers) {
    if (p.terminating) continue;
    nodes +=
        "cluster_formation.classic_config.nodes." + std::to_string(++n) + " = " + p.node + "\n";
  }
  if (n == 0) return std::nullopt;
  return std::string(written_by_warren) +
         "; the next change of the peers overwrites it.\n"
         "cluster_formation.peer_discovery_backend = classic_config\n" +
         nodes;
}

std::optional<std::string> hosts(const domain::peer_list& list) {
  std::string text;
  for (const domain::peer& p : list.peers) {
    if (!p.terminating) text += std::string(domain::host_of(p.node)) + "\n";
  }
  if (text.empty()) return std::nullopt;
  return text;
}

json to_json(const domain::peer_list& list) {
  json peers = json::array();
  for (const domain::peer& p : list.peers) {
    peers.push_back({{"node", p.node},
                     {"pod", p.pod},
                     {"uid", p.uid},
                     {"addresses", p.addresses},
                     {"ready", p.ready},
                     {"serving", p.serving},
                     {"terminating", p.terminating}});
  }
  return peers;
}

// Foreign bytes that are no UTF-8 are replaced: dump() would throw.
std::string dump(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

bool is_written_by_warren(std::string_view conf) {
  return conf.starts_with(written_by_warren) ||
         conf.find("\n" + std::string(written_by_warren)) != std::string_view::npos;
}

std::optional<std::string> format_peers(const domain::peer_list& list, peers_format format) {
  switch (format) {
    case peers_format::rabbitmq:
      return rabbitmq_conf(list);
    case peers_format::plain:
      return hosts(list);
    case peers_format::json:
      if (list.peers.empty()) return std::nullopt;
      return dump(to_json(list), 2);
  }
  return std::nullopt;
}

std::string peers_body(const domain::peer_list& list, std::string_view service,
                       std::string_view source, std::optional<base::wall_time> observed_at,
                       std::string_view error) {
  json body = {{"service", service}, {"source", source}};
  body["observed_at"] = observed_at
                            ? json(base::rfc3339(*observed_at, base::precision::milliseconds))
                            : json(nullptr);
  if (!error.empty()) body["error"] = error;
  if (!list.problems.empty()) body["problems"] = list.problems;
  body["peers"] = to_json(list);
  return dump(body, -1);
}

}  // namespace warren::agent
