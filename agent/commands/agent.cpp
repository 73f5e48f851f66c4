#include "agent/commands/commands.hpp"
#include "agent/descriptor_limit.hpp"
#include "agent/exit_codes.hpp"
#include "agent/guard.hpp"
#include "agent/listen.hpp"
#include "agent/log.hpp"
#include "agent/settings.hpp"
#include "agent/worker.hpp"

#include <algorithm>
#include <iostream>
#include <utility>
#include <variant>

namespace warren::agent {
namespace {

// Many more than the probe server's 512 connections need; some container runtimes begin with 1024.
constexpr std::size_t descriptors = 4096;

using problems = std::vector<std::string>;

// False, with every problem in the log, if what was changed is wrong: then nothing changes.
bool reload(const settings_sources& sources, settings& current) {
  std::variant<settings, problems> read = read_settings(sources);
  if (const auto* wrong = std::get_if<problems>(&read)) {
    for (const std::string& problem : *wrong) log(log_level::error, problem);
    log(log_level::error, "the agent goes on with the settings it has");
    return false;
  }
  auto& next = std::get<settings>(read);
  if (next.listen.address != current.listen.address || next.listen.port != current.listen.port) {
    log(log_level::warning, "--listen has changed: that needs a restart of the agent");
    next.listen = current.listen;
  }
  current = std::move(next);
  set_up_log(current.log.level, current.log.format);
  return true;
}

}  // namespace

int run_agent(const std::vector<std::string>& arguments) {
  if (std::ranges::find(arguments, "--help") != arguments.end()) {
    std::cout << "usage: warren agent [OPTION...]\n\n" << settings_help();
    return 0;
  }
  const settings_sources sources = process_sources(arguments);
  std::variant<settings, problems> read = read_settings(sources);
  if (const auto* wrong = std::get_if<problems>(&read)) {
    for (const std::string& problem : *wrong) std::cerr << "warren: " << problem << '\n';
    return exit_config;
  }
  settings current = std::get<settings>(std::move(read));
  set_up_log(current.log.level, current.log.format);

  raise_descriptor_limit(descriptors);
  base::result<base::descriptor> listener =
      open_listener(current.listen.address, current.listen.port);
  if (!listener) {
    std::cerr << "warren: " << listener.error().text() << '\n';
    return exit_os;
  }
  std::vector<base::descriptor> listeners;
  listeners.push_back(std::move(*listener));
  log(log_level::info, "warren " WARREN_VERSION " serves " + current.broker.node + " on port " +
                           std::to_string(local_port(listeners.front())));

  guarded_program program;
  program.work = [&](worker_context context) { return run_worker(current, std::move(context)); };
  program.reload = [&] { return reload(sources, current); };
  return run_guard(std::move(listeners), program);
}

}  // namespace warren::agent
