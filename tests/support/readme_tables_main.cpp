// Prints the sections of README.md that are made from the program's own tables:
//   readme_tables settings | classic-settings | endpoints | admin | metrics | events
#include "agent/admin_routes.hpp"
#include "agent/classic_settings.hpp"
#include "agent/domain/transitions.hpp"
#include "agent/metric_table.hpp"
#include "agent/routes.hpp"
#include "agent/settings.hpp"

#include <iostream>
#include <map>
#include <string>

int main(int argc, char** argv) {
  const std::map<std::string, std::string (*)()> tables{
      {"settings", warren::agent::settings_markdown},
      {"classic-settings", warren::agent::classic_settings_markdown},
      {"endpoints", warren::agent::endpoints_markdown},
      {"admin", warren::agent::admin_endpoints_markdown},
      {"metrics", warren::agent::metrics_markdown},
      {"events", warren::domain::events_markdown}};
  const auto table = tables.find(argc == 2 ? argv[1] : "");
  if (table == tables.end()) {
    std::cerr << "usage: readme_tables settings|classic-settings|endpoints|admin|metrics|events\n";
    return 64;
  }
  std::cout << table->second();
  return 0;
}
