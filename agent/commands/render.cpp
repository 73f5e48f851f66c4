#include "agent/render.hpp"

#include "agent/commands/commands.hpp"
#include "agent/commands/parse.hpp"
#include "agent/exit_codes.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <map>
#include <utility>

namespace warren::agent {
namespace {

const std::map<std::string, render_format>& formats() {
  static const std::map<std::string, render_format> all{{"env", render_format::env},
                                                        {"flags", render_format::flags},
                                                        {"conf", render_format::conf},
                                                        {"yaml", render_format::yaml}};
  return all;
}

constexpr std::string_view description =
    "Prints what the agent is set to here: its flags, its variables and rabbitmq.conf, all under "
    "Warren's own names, and what becomes of the settings of RabbitMQ's peer discovery and of "
    "rabbitmq-autocluster. Secrets are left out. All flags of `warren agent` are understood.";

constexpr std::string_view examples =
    "\nExamples:\n"
    "  warren render                                     in the pod, where the agent runs\n"
    "  warren render --output yaml                       the env list for the sidecar's container\n"
    "  warren render --rabbitmq-conf ./rabbitmq.conf     what a configuration comes to\n"
    "  env K8S_SERVICE_NAME=rmq warren render -o flags   the same as a command line\n"
    "\nExit codes: 0, 64 for a wrong option, 78 for bad settings, all of which are named.\n";

}  // namespace

int run_render(const std::vector<std::string>& arguments) {
  std::string format = "env";
  bool defaults = false;
  CLI::App app(std::string(description), "warren render");
  app.allow_extras();
  app.add_option("--output,-o", format, "env, flags, conf (of rabbitmq.conf) or yaml")
      ->check(CLI::IsMember({"env", "flags", "conf", "yaml"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  app.add_flag("--all", defaults, "also what has its default");
  app.footer(std::string(examples));
  if (const auto ended = parse(app, arguments)) return *ended;
  const auto found = find_settings(process_sources(app.remaining()));
  if (const auto* problems = std::get_if<std::vector<std::string>>(&found)) {
    for (const std::string& problem : *problems) std::cerr << "warren: " << problem << '\n';
    return exit_config;
  }
  std::cout << render(std::get<found_settings>(found), formats().at(format), defaults);
  return 0;
}

}  // namespace warren::agent
