#include "agent/commands/status_output.hpp"

#include "agent/commands/json_cells.hpp"
#include "agent/commands/table.hpp"
#include "agent/domain/groups.hpp"
#include "agent/domain/problems.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace warren::agent {
namespace {

using nlohmann::json;

constexpr std::size_t max_nodes = 64;
constexpr int known_schema = 1;

// One node's answer, parsed; `problem` says why there is none.
struct node_row {
  listed_node who;
  json status;
  std::string problem;
};

node_row row_of(const node_answer& answer) {
  node_row row{.who = answer.who, .status = nullptr, .problem = printable(answer.error)};
  if (!row.problem.empty()) return row;
  json status = json::parse(answer.body, nullptr, false);
  const std::string node = cell(member_at(status, {"node"}));
  if (!status.is_object() || node == "-") {
    row.problem = "what answers there is no agent";
  } else if (member_at(status, {"schema"}) != json(known_schema)) {
    row.problem = "its agent has another version, whose answer this one cannot read";
  } else if (node != answer.who.node) {
    row.problem = "the agent of " + node + " answers there";
  } else {
    row.status = std::move(status);
  }
  return row;
}

std::string members_of(const json& status) {
  const json& members = member_at(status, {"members", "value"});
  const json& running = member_at(status, {"running", "value"});
  if (!members.is_array() || !running.is_array()) return "-";
  return std::to_string(running.size()) + "/" + std::to_string(members.size());
}

std::string gate_of(const json& status) {
  if (cell(member_at(status, {"formation"})) != "gate") {
    return cell(member_at(status, {"decision"}));
  }
  if (member_at(status, {"gate_open"}) == json(true)) return "open";
  return "closed: " + cell(member_at(status, {"decision"}));
}

std::vector<std::string> cells_of(const node_row& row) {
  const std::string pod = row.who.pod.empty() ? "-" : row.who.pod;
  if (!row.status.is_object()) {
    return {row.who.node, pod, "no answer", "-", "-", "-", "-", "-", row.who.ready};
  }
  const json& s = row.status;
  return {row.who.node,
          pod,
          cell(member_at(s, {"broker", "state"})),
          cell(member_at(s, {"broker", "version"})),
          members_of(s),
          gate_of(s),
          cell(member_at(s, {"has_data"})),
          cell_of_list(member_at(s, {"broker", "alarms", "value"}), "none"),
          row.who.ready};
}

std::vector<std::string> sorted_texts(const json& value) {
  std::vector<std::string> texts = texts_of(value);
  std::ranges::sort(texts);
  return texts;
}

// What a broker says of its cluster, if it runs.
std::optional<domain::cluster_sight> sight_of(const node_row& row) {
  const json& s = row.status;
  domain::cluster_sight sight;
  sight.node = row.who.node;
  sight.cluster.members = sorted_texts(member_at(s, {"members", "value"}));
  sight.cluster.running = sorted_texts(member_at(s, {"running", "value"}));
  sight.cluster.partitioned = sorted_texts(member_at(s, {"partitioned", "value"}));
  const bool runs = cell(member_at(s, {"broker", "state"})) == "running";
  if (!runs || sight.cluster.members.empty()) return std::nullopt;
  const std::string id = cell(member_at(s, {"cluster_id"}));
  if (id != "-") sight.cluster_id = id;
  sight.joins =
      cell(member_at(s, {"mark", "state"})) == "joining" && sight.cluster.members.size() == 1;
  return sight;
}

// The id of the record that the first agent has read.
std::string recorded_id(const std::vector<node_row>& rows) {
  for (const node_row& row : rows) {
    const json& record = member_at(row.status, {"record", "value", "record"});
    const std::string id = cell(member_at(record, {"cluster_id"}));
    if (member_at(record, {"founded"}) == json(true) && id != "-") return id;
  }
  return {};
}

domain::cluster_picture picture_of(const std::vector<node_row>& rows) {
  std::vector<domain::cluster_sight> sights;
  domain::peer_list pods;
  for (const node_row& row : rows) {
    pods.peers.push_back({.node = row.who.node});
    if (auto sight = sight_of(row)) sights.push_back(std::move(*sight));
  }
  std::ranges::sort(pods.peers, {}, &domain::peer::node);
  return domain::picture_of(sights, recorded_id(rows), &pods);
}

std::vector<std::string> problems_of(const std::vector<node_row>& rows,
                                     const domain::cluster_picture& picture) {
  std::vector<std::string> problems;
  for (const node_row& row : rows) {
    if (!row.problem.empty()) problems.push_back(row.who.node + ": " + row.problem);
  }
  for (const domain::cluster_problem& p : domain::find_problems({}, nullptr, picture).all) {
    problems.push_back(p.reason + ": " + p.note);
  }
  for (const node_row& row : rows) {
    const bool closed = cell(member_at(row.status, {"formation"})) == "gate" &&
                        member_at(row.status, {"gate_open"}) == json(false);
    if (!closed) continue;
    problems.push_back(row.who.node +
                       ": the start gate is closed: " + cell(member_at(row.status, {"reason"})));
  }
  return problems;
}

std::string as_json(const std::vector<node_row>& rows, const domain::cluster_picture& picture,
                    const std::vector<std::string>& problems) {
  nlohmann::ordered_json whole;
  whole["nodes"] = nlohmann::ordered_json::array();
  for (const node_row& row : rows) {
    nlohmann::ordered_json node;
    node["node"] = row.who.node;
    node["pod"] = row.who.pod;
    node["ready"] = row.who.ready == "-" ? json() : json(row.who.ready == "yes");
    node["error"] = row.problem.empty() ? json() : json(row.problem);
    node["status"] = row.status;
    whole["nodes"].push_back(std::move(node));
  }
  for (const std::string& member : picture.without_pod) {
    whole["nodes"].push_back(
        {{"node", member}, {"pod", nullptr}, {"ready", nullptr}, {"error", "it has no pod"}});
  }
  whole["groups"] = picture.groups;
  whole["problems"] = problems;
  return whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

std::optional<std::vector<listed_node>> read_nodes(std::string_view peers_body) {
  const json answer = json::parse(peers_body, nullptr, false);
  const json& peers = member_at(answer, {"peers"});
  if (!peers.is_array()) return std::nullopt;
  std::vector<listed_node> nodes;
  for (const json& peer : peers) {
    const std::string node = cell(member_at(peer, {"node"}));
    if (node == "-" || nodes.size() == max_nodes) continue;
    const std::string pod = cell(member_at(peer, {"pod"}));
    nodes.push_back({.node = node,
                     .pod = pod == "-" ? "" : pod,
                     .ready = cell(member_at(peer, {"ready"})),
                     .addresses = texts_of(member_at(peer, {"addresses"}))});
  }
  return nodes;
}

std::string node_of_status(std::string_view body) {
  const json status = json::parse(body, nullptr, false);
  const std::string node = cell(member_at(status, {"node"}));
  return node == "-" ? "" : node;
}

std::string show_status(const std::vector<node_answer>& nodes, status_output output) {
  std::vector<node_row> rows;
  rows.reserve(nodes.size());
  for (const node_answer& answer : nodes) rows.push_back(row_of(answer));
  const domain::cluster_picture picture = picture_of(rows);
  const std::vector<std::string> problems = problems_of(rows, picture);
  if (output == status_output::json) return as_json(rows, picture, problems);

  std::vector<std::vector<std::string>> table = {
      {"NODE", "POD", "BROKER", "VERSION", "RUNNING", "GATE", "DATA", "ALARMS", "READY"}};
  for (const node_row& row : rows) table.push_back(cells_of(row));
  for (const std::string& member : picture.without_pod) {
    table.push_back({member, "no pod", "-", "-", "-", "-", "-", "-", "-"});
  }
  std::string text = as_table(table);
  if (!problems.empty()) text += "\nPROBLEMS\n";
  for (const std::string& problem : problems) text += "  " + problem + "\n";
  return text;
}

}  // namespace warren::agent
