#include "agent/commands/peers_output.hpp"

#include "agent/commands/table.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace warren::agent {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  const auto member = object.find(key);
  if (member == object.end()) return "-";
  if (member->is_boolean()) return member->get<bool>() ? "yes" : "no";
  if (!member->is_string() || member->get_ref<const std::string&>().empty()) return "-";
  return printable(member->get<std::string>());
}

std::string addresses_of(const json& peer) {
  std::string text;
  const auto addresses = peer.find("addresses");
  if (addresses != peer.end() && addresses->is_array()) {
    for (const json& address : *addresses) {
      if (address.is_string()) text += (text.empty() ? "" : ",") + address.get<std::string>();
    }
  }
  return text.empty() ? "-" : printable(std::move(text));
}

}  // namespace

std::optional<std::string> show_peers(std::string_view body, peers_output output) {
  const json answer = json::parse(body, nullptr, false);
  if (!answer.is_object()) return std::nullopt;
  const auto peers = answer.find("peers");
  if (peers == answer.end() || !peers->is_array()) return std::nullopt;
  if (output == peers_output::json) return answer.dump(2) + '\n';

  std::vector<std::vector<std::string>> rows = {
      {"NODE", "POD", "READY", "SERVING", "TERMINATING", "ADDRESSES"}};
  std::string plain;
  for (const json& peer : *peers) {
    if (!peer.is_object()) return std::nullopt;
    const std::string node = text_of(peer, "node");
    plain += node + '\n';
    rows.push_back({node, text_of(peer, "pod"), text_of(peer, "ready"), text_of(peer, "serving"),
                    text_of(peer, "terminating"), addresses_of(peer)});
  }
  return output == peers_output::plain ? plain : as_table(rows);
}

}  // namespace warren::agent
