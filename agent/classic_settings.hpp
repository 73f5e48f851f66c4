#pragma once

#include "agent/settings.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

// When people are warned that what they wanted with a setting does not happen.
struct classic_warning {
  std::string_view when;  // in words, for README: "if it is true"
  bool (*applies)(std::string_view value, const settings& s);
};

// Settings of RabbitMQ's peer discovery or of rabbitmq-autocluster that mean the same to Warren,
// and what it does instead. Those that are settings of Warren's own too stand in
// settings_table.cpp; a few stand in both, for they count under a condition.
struct classic_setting {
  // Keys of rabbitmq.conf and variables. One that ends in '*' is the beginning of many.
  std::vector<std::string_view> names;
  std::string_view instead;  // one or two sentences
  classic_warning warning;
};
const std::vector<classic_setting>& classic_settings();

// The table for README.
std::string classic_settings_markdown();

// A key of rabbitmq.conf or a variable that was found.
struct given_value {
  std::string name;
  std::string value;
  std::string place;  // "/etc/rabbitmq/rabbitmq.conf line 3"; empty for a variable
};

// A row of the table of which something was found. Values are not shown: some are secrets.
struct classic_finding {
  std::string what;  // "CONSUL_HOST, cluster_formation.consul.svc (FILE line 3)"
  std::string_view instead;
  bool warns = false;
};

// In the order of the table. What kubelet sets for a Service (CONSUL_PORT=tcp://...) is passed
// over.
std::vector<classic_finding> find_classic_settings(std::span<const given_value> given,
                                                   const settings& s);

}  // namespace warren::agent
