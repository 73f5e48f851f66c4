#include "agent/settings_table.hpp"

namespace warren::agent {
namespace {

std::string code(std::string_view text) {
  return text.empty() ? "" : "`" + std::string(text) + "`";
}

// All names of a setting, in their precedence.
std::string names_of(const setting& s) {
  std::string text;
  const auto add = [&](const std::string& name) {
    text += (text.empty() ? "" : ", ") + code(name);
  };
  if (!s.flag.empty()) add("--" + std::string(s.flag));
  for (const std::string& variable : s.variables()) add(variable);
  if (!s.key.empty()) add(std::string(s.key));
  return text;
}

}  // namespace

std::string settings_markdown() {
  std::string text;
  for (const settings_group& group : settings_table()) {
    text += (text.empty() ? "**" : "\n**") + std::string(group.title) + "**\n\n";
    text += "| names, the first that is set counts | default | allowed | meaning |\n";
    text += "| --- | --- | --- | --- |\n";
    for (const setting& s : group.settings) {
      text += "| " + names_of(s) + " | " + code(s.fallback) + " | " + s.value.allowed + " | " +
              std::string(s.meaning) + " |\n";
    }
  }
  return text;
}

}  // namespace warren::agent
