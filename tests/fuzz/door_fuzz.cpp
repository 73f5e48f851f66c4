#include "agent/domain/doors.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// Any text gives a door that can be written or none; its text gives the same door again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::domain;
  const auto door = parse_door({reinterpret_cast<const char*>(data), size});
  if (!door) return 0;
  if (!is_sound(*door) || parse_door(door_text(*door, "rabbit@rmq-0")) != door) std::abort();
  return 0;
}
