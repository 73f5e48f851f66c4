#pragma once

#include "agent/settings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

// Settings while they are read: those that others are made from stand beside the result.
struct settings_draft {
  settings result;
  std::string node;  // may lack the '@' and the host
  std::optional<bool> long_names;
  std::string api_server;
  std::string k8s_scheme, k8s_host, k8s_port;  // of the classic plugin
  std::string service_host, service_port;      // of kubelet
  std::string rabbitmq_conf;
  std::optional<formation_mode> formation;
  std::vector<std::string> static_peers;  // node names or hosts
};

// How a setting's text is checked and taken over.
struct value_rule {
  std::string allowed;                                           // "a duration from 100ms to 10s"
  std::function<bool(settings_draft&, const std::string&)> set;  // false: not allowed
};

struct setting {
  std::string_view flag;  // without "--"; empty: it has none
  // After the WARREN_ variable that every flag has.
  std::vector<std::string_view> more_variables;
  std::string_view key;       // of rabbitmq.conf; empty: none
  std::string_view fallback;  // the default, written as a user would; empty: none of its own
  value_rule value;
  std::string_view meaning;  // with the default in words where `fallback` is empty
  bool secret = false;       // its value is never shown

  [[nodiscard]] std::vector<std::string> variables() const;
};

struct settings_group {
  std::string_view title;
  std::vector<setting> settings;
};

// The one place that says which settings there are.
const std::vector<settings_group>& settings_table();

}  // namespace warren::agent
