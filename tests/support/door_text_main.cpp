#include "agent/domain/doors.hpp"

#include <iostream>
#include <string>

// door_text KIND NODE [TARGET]: prints what 90-warren.conf says, for tests with real brokers.
int main(int argc, char** argv) {
  using namespace warren::domain;
  if (argc != 3 && argc != 4) return 64;
  for (const door_kind kind : all_door_kinds) {
    if (name(kind) != argv[1]) continue;
    const door door{.kind = kind, .target = argc == 4 ? argv[3] : "", .pod_uid = "test"};
    if (!is_sound(door) || !is_node_name(argv[2])) return 65;
    std::cout << door_text(door, argv[2]);
    return 0;
  }
  return 64;
}
