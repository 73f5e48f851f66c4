#include "agent/peers_file.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <ctime>

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
  return "# Written by Warren from the Kubernetes endpoints; the next change overwrites it.\n"
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

// RFC 3339 with milliseconds, in UTC.
std::string text(base::wall_time t) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(t);
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char out[32];
  const std::size_t n = std::strftime(out, sizeof out, "%FT%T", &utc);
  const std::string fraction =
      std::to_string(1000 + ms.time_since_epoch().count() % 1000).substr(1);
  return std::string(out, n) + "." + fraction + "Z";
}

}  // namespace

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
  body["observed_at"] = observed_at ? json(text(*observed_at)) : json(nullptr);
  if (!error.empty()) body["error"] = error;
  if (!list.problems.empty()) body["problems"] = list.problems;
  body["peers"] = to_json(list);
  return dump(body, -1);
}

}  // namespace warren::agent
