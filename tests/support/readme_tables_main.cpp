// Prints README's generated sections, to be pasted when readme_test says that they differ:
//   readme_tables settings | events
#include "agent/domain/transitions.hpp"
#include "agent/settings.hpp"

#include <iostream>
#include <string_view>

int main(int argc, char** argv) {
  const std::string_view which = argc == 2 ? argv[1] : "";
  if (which == "settings") {
    std::cout << warren::agent::settings_markdown();
  } else if (which == "events") {
    std::cout << warren::domain::events_markdown();
  } else {
    std::cerr << "usage: readme_tables settings|events\n";
    return 64;
  }
  return 0;
}
