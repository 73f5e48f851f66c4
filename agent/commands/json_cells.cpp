#include "agent/commands/json_cells.hpp"

#include "agent/commands/table.hpp"

#include <nlohmann/json.hpp>

namespace warren::agent {

using nlohmann::json;

const json& member_at(const json& object, const std::vector<const char*>& path) {
  static const json none;
  const json* at = &object;
  for (const char* name : path) {
    if (!at->is_object()) return none;
    const auto next = at->find(name);
    if (next == at->end()) return none;
    at = &*next;
  }
  return *at;
}

std::string cell(const json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) return "-";
  return printable(value.get<std::string>());
}

std::vector<std::string> texts_of(const json& value) {
  std::vector<std::string> texts;
  if (!value.is_array()) return texts;
  for (const json& part : value) {
    if (part.is_string()) texts.push_back(printable(part.get<std::string>()));
  }
  return texts;
}

std::string cell_of_list(const json& value, const std::string& none) {
  if (!value.is_array()) return "-";
  std::string text;
  for (const std::string& part : texts_of(value)) text += (text.empty() ? "" : ",") + part;
  return text.empty() ? none : text;
}

}  // namespace warren::agent
