#pragma once

#include "agent/found_settings.hpp"
#include "agent/settings.hpp"

#include <map>
#include <string>
#include <vector>

namespace warren::testing {

// What a test gives an agent to read its settings from: no file, no variable, host name "rmq-0".
struct given_settings {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> variables;
  std::string conf;                      // the text of /etc/rabbitmq/rabbitmq.conf
  std::vector<agent::conf_file> conf_d;  // read behind it
  std::vector<base::failure> conf_failures{};
  std::string host_name = "rmq-0";
  std::vector<std::string> own_addresses{};
};

// The settings; throws std::runtime_error with all problems if there are any.
agent::settings settings_of(const given_settings& given);

// The same with where each value came from.
agent::found_settings found_settings_of(const given_settings& given);

// The problems; empty if there are none.
std::vector<std::string> problems_of(const given_settings& given);

}  // namespace warren::testing
