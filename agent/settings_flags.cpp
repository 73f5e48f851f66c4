#include "agent/settings_flags.hpp"

#include "agent/settings_table.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace warren::agent {
namespace {

std::string description(const setting& s) {
  std::string text(s.meaning);
  text += " (";
  for (const std::string& variable : s.variables()) text += variable + ", ";
  text += s.value.allowed;
  if (!s.fallback.empty()) text += "; default " + std::string(s.fallback);
  return text + ")";
}

// A value is optional to CLI11, so that it goes on behind a flag without one; see parse_flags.
void add_options(CLI::App& app) {
  for (const settings_group& group : settings_table()) {
    for (const setting& s : group.settings) {
      if (s.flag.empty()) continue;
      const std::string text = description(s);
      app.add_option("--" + std::string(s.flag), text)
          ->expected(0, 1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
          ->group(std::string(group.title));
    }
  }
}

}  // namespace

flags parse_flags(std::vector<std::string> arguments) {
  flags result;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  add_options(app);
  std::ranges::reverse(arguments);  // CLI11 takes them from the back
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    result.problems.emplace_back(error.what());
  }
  for (const std::string& extra : app.remaining()) {
    result.problems.push_back(extra + ": " +
                              (extra.starts_with("-") ? "no such flag" : "unexpected argument"));
  }
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0) continue;
    const std::string& value = option->results().back();
    if (value.empty()) {
      result.problems.push_back(option->get_name() + ": needs a value");
    } else {
      result.values[option->get_name().substr(2)] = value;
    }
  }
  return result;
}

std::string settings_help() {
  CLI::App app;
  app.set_help_flag();
  add_options(app);
  return app.help();
}

}  // namespace warren::agent
