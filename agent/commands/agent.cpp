#include "agent/admin_socket.hpp"
#include "agent/commands/commands.hpp"
#include "agent/descriptor_limit.hpp"
#include "agent/exit_codes.hpp"
#include "agent/found_settings.hpp"
#include "agent/guard.hpp"
#include "agent/listen.hpp"
#include "agent/log.hpp"
#include "agent/settings.hpp"
#include "agent/tasks/peer_watch.hpp"
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
  if (next.admin_socket != current.admin_socket) {
    log(log_level::warning, "--admin-socket has changed: that needs a restart of the agent");
    next.admin_socket = current.admin_socket;
  }
  current = std::move(next);
  set_up_log(current.log.level, current.log.format);
  return true;
}

// Without it nobody can overrule the gate, and all else works.
void add_admin_socket(const settings& current, std::vector<base::descriptor>& listeners) {
  base::result<base::descriptor> socket = open_admin_socket(current.admin_socket);
  if (socket) {
    listeners.push_back(std::move(*socket));
    return;
  }
  const bool missed = current.formation.mode == formation_mode::gate;
  log(missed ? log_level::warning : log_level::info,
      socket.error().text() + "; the agent goes on without an admin socket");
}

}  // namespace

int run_agent(const std::vector<std::string>& arguments) {
  if (std::ranges::find(arguments, "--help") != arguments.end()) {
    std::cout << "usage: warren agent [OPTION...]\n\n" << settings_help();
    return 0;
  }
  const settings_sources sources = process_sources(arguments);
  std::variant<found_settings, problems> read = find_settings(sources);
  if (const auto* wrong = std::get_if<problems>(&read)) {
    for (const std::string& problem : *wrong) std::cerr << "warren: " << problem << '\n';
    return exit_config;
  }
  const std::vector<classic_finding> classic = std::get<found_settings>(read).classic;
  settings current = std::get<found_settings>(std::move(read)).result;
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
  add_admin_socket(current, listeners);
  log(log_level::info, "warren " WARREN_VERSION " serves " + current.broker.node + " on port " +
                           std::to_string(local_port(listeners.front())));

  for (const classic_finding& each : classic) {
    log(each.warns ? log_level::warning : log_level::info,
        each.what + ": " + std::string(each.instead));
  }
  if (!uses_api_server(current)) {
    log(log_level::info, "there is no service account's token in " + current.kubernetes.token_path +
                             ": Events go to this log alone");
  }

  guarded_program program;
  program.work = [&](worker_context context) { return run_worker(current, std::move(context)); };
  program.reload = [&] { return reload(sources, current); };
  return run_guard(std::move(listeners), program);
}

}  // namespace warren::agent
