#include "tests/support/settings_of.hpp"

#include <stdexcept>

namespace warren::testing {
namespace {

std::variant<agent::found_settings, std::vector<std::string>> read(const given_settings& given) {
  agent::settings_sources sources;
  sources.arguments = given.arguments;
  sources.variable = [&](const std::string& name) -> std::optional<std::string> {
    const auto at = given.variables.find(name);
    return at == given.variables.end() ? std::nullopt : std::optional(at->second);
  };
  sources.conf = [&](const std::string& path) {
    agent::conf_files conf{{{path, given.conf}}, given.conf_failures};
    conf.files.insert(conf.files.end(), given.conf_d.begin(), given.conf_d.end());
    return conf;
  };
  sources.host_name = given.host_name;
  for (const auto& [name, value] : given.variables) sources.variables.push_back(name);
  sources.own_addresses = given.own_addresses;
  return agent::find_settings(sources);
}

}  // namespace

agent::found_settings found_settings_of(const given_settings& given) {
  auto result = read(given);
  if (auto* found = std::get_if<0>(&result)) return std::move(*found);
  std::string all;
  for (const std::string& problem : std::get<1>(result)) all += problem + "\n";
  throw std::runtime_error(all);
}

agent::settings settings_of(const given_settings& given) {
  return found_settings_of(given).result;
}

std::vector<std::string> problems_of(const given_settings& given) {
  auto result = read(given);
  if (auto* problems = std::get_if<1>(&result)) return std::move(*problems);
  return {};
}

}  // namespace warren::testing
