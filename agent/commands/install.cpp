#include "agent/install.hpp"

#include "agent/commands/commands.hpp"
#include "agent/commands/parse.hpp"
#include "agent/exit_codes.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace warren::agent {
namespace {

constexpr const char* own_program = "/proc/self/exe";

int fail(int code, const std::string& why) {
  std::cerr << "warren install: " << why << '\n';
  return code;
}

constexpr std::string_view examples =
    "\nExample, of an init container that shares the volume `tools` with the broker's container:\n"
    "  args: [install, /tools]\n"
    "  volumeMounts: [{name: tools, mountPath: /tools}]\n"
    "\nExit codes: 0, 64 for a wrong option, 71 if it cannot be done; the reason names the cure.\n";

}  // namespace

int run_install(const std::vector<std::string>& arguments) {
  std::string folder;
  bool link = false;
  CLI::App app(
      "Copies this program into a folder that another container mounts, in one step. May be done "
      "again at any time.",
      "warren install");
  app.add_option("DIR", folder, "the folder; it must be there")->required();
  app.add_flag("--with-rabbitmq-diagnostics", link, "also a link rabbitmq-diagnostics to it");
  app.footer(std::string(examples));
  if (const auto ended = parse(app, arguments)) return *ended;
  if (folder.empty()) return fail(exit_usage, "DIR is empty: name the folder");
  const base::result<void> installed = install(own_program, folder, link);
  if (installed.has_error()) return fail(exit_os, installed.error().text());
  std::cout << "warren " WARREN_VERSION " is in " << folder
            << (link ? ", and rabbitmq-diagnostics links to it\n" : "\n");
  return 0;
}

}  // namespace warren::agent
