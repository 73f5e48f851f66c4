#pragma once

#include "agent/classic_settings.hpp"
#include "agent/settings.hpp"

#include <string>
#include <variant>
#include <vector>

namespace warren::agent {

struct setting;

// A setting that has a value, and where that came from.
struct setting_value {
  const setting* what = nullptr;  // in settings_table()
  std::string text;               // empty if the setting is secret
  std::string source;  // "--service", "K8S_SERVICE_NAME", "KEY (FILE line 3)"; empty: the default
};

// The settings, and what people who brought them may want to know.
struct found_settings {
  settings result;
  std::vector<setting_value> values;  // in the order of the table
  std::vector<classic_finding> classic;
};

// read_settings() is this without the provenance.
std::variant<found_settings, std::vector<std::string>> find_settings(
    const settings_sources& sources);

}  // namespace warren::agent
