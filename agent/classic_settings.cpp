#include "agent/classic_settings.hpp"

#include <algorithm>

namespace warren::agent {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  pattern.remove_suffix(1);
  return name.starts_with(pattern);
}

// Kubelet gives each container the addresses of the namespace's Services: a Service called "consul"
// makes CONSUL_PORT=tcp://10.96.0.7:8500.
bool is_of_a_service(const given_value& given) {
  return given.place.empty() && given.name.ends_with("_PORT") &&
         given.value.find("://") != std::string::npos;
}

// The names that a row is found by, each once; they are short of what a log line should have.
constexpr std::size_t most_names = 12;

}  // namespace

std::vector<classic_finding> find_classic_settings(std::span<const given_value> given,
                                                   const settings& s) {
  std::vector<classic_finding> findings;
  for (const classic_setting& row : classic_settings()) {
    classic_finding finding{{}, row.instead, false};
    std::size_t count = 0;
    for (const given_value& value : given) {
      const bool is_row = std::ranges::any_of(
          row.names, [&](std::string_view name) { return matches(name, value.name); });
      if (!is_row || is_of_a_service(value)) continue;
      finding.warns |= row.warning.applies(value.value, s);
      if (++count > most_names) continue;
      finding.what += (finding.what.empty() ? "" : ", ") + value.name;
      if (!value.place.empty()) finding.what += " (" + value.place + ")";
    }
    if (count > most_names) {
      finding.what += " and " + std::to_string(count - most_names) + " more";
    }
    if (count > 0) findings.push_back(std::move(finding));
  }
  return findings;
}

std::string classic_settings_markdown() {
  std::string text = "| setting | what Warren does | warns |\n| --- | --- | --- |\n";
  for (const classic_setting& row : classic_settings()) {
    std::string names;
    for (const std::string_view name : row.names) {
      names.append(names.empty() ? "`" : ", `").append(name).append("`");
    }
    text.append("| ").append(names).append(" | ").append(row.instead).append(" | ");
    text.append(row.warning.when).append(" |\n");
  }
  return text;
}

}  // namespace warren::agent
