#include "agent/commands/gate_output.hpp"

#include "agent/commands/json_cells.hpp"
#include "agent/commands/table.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace warren::agent {
namespace {

using nlohmann::json;

std::string state_of(const json& gate) {
  if (member_at(gate, {"gate_open"}) == json(true)) return "open";
  const json& waits = member_at(gate, {"waits_seconds"});
  if (!waits.is_number()) return "closed";
  const double seconds = waits.get<double>();
  if (seconds < 0 || seconds > 1e9) return "closed";
  return "closed for " + std::to_string(static_cast<long>(seconds)) + "s";
}

// "joining rabbit@b", "seed rabbit@b", or "none".
std::string with_target(const json& object, const char* what) {
  if (!object.is_object()) return "none";
  const std::string target = cell(member_at(object, {"target"}));
  return cell(member_at(object, {what})) + (target == "-" ? "" : " " + target);
}

std::string record_of(const json& seen) {
  const json& record = member_at(seen, {"value", "record"});
  const json& error = member_at(seen, {"error"});
  std::string text = "none";
  if (record.is_object()) {
    const bool founded = member_at(record, {"founded"}) == json(true);
    text = founded ? "cluster of " + cell_of_list(member_at(record, {"members"}), "nobody")
                   : cell(member_at(record, {"founder"})) + " founds the cluster";
    const std::string forgetting = cell(member_at(record, {"forgetting"}));
    if (forgetting != "-") text += "; forgets " + forgetting;
    const std::string overruled = cell(member_at(record, {"overruled"}));
    if (overruled != "-") text += "; overruled: " + overruled;
  }
  if (error.is_string()) text += " (" + cell(error) + ")";
  return text;
}

}  // namespace

std::optional<std::string> show_gate(std::string_view body) {
  const json gate = json::parse(body, nullptr, false);
  const std::string formation = cell(member_at(gate, {"formation"}));
  if (formation == "observe") {
    return "no gate: --formation=observe leaves it to the broker whom it joins\n";
  }
  if (formation != "gate") return std::nullopt;
  std::vector<std::vector<std::string>> rows{
      {"node", cell(member_at(gate, {"node"}))},
      {"gate", state_of(gate)},
      {"decision", cell(member_at(gate, {"decision"}))},
      {"reason", cell(member_at(gate, {"reason"}))},
      {"problem", cell(member_at(gate, {"problem"}))},
      {"has data", cell(member_at(gate, {"has_data"}))},
      {"mark", with_target(member_at(gate, {"mark"}), "state")},
      {"door", with_target(member_at(gate, {"door"}), "kind")},
      {"record", record_of(member_at(gate, {"record"}))},
      {"lock held", cell(member_at(gate, {"lock_held"}))},
      {"ordered", cell(member_at(gate, {"ordered"}))},
  };
  return as_table(rows);
}

}  // namespace warren::agent
