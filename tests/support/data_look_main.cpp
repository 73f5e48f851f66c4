#include "agent/data_folder.hpp"

#include <iostream>

// data_look DATA_DIR NODE: prints what Warren makes of a data folder, for tests with real brokers.
int main(int argc, char** argv) {
  if (argc != 3) return 64;
  const auto view = warren::agent::look_at_data(argv[1], argv[2]);
  std::cout << name(view.has_data) << (view.unfinished ? ", unfinished" : "");
  for (const std::string& other : view.other_nodes) std::cout << ", " << other;
  if (!view.detail.empty()) std::cout << ": " << view.detail;
  std::cout << "\n";
  return 0;
}
