#include "agent/carried_state.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// Any bytes give a state or none; what was decoded can be encoded and is the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::agent;
  const auto state = decode_carried_state({reinterpret_cast<const char*>(data), size});
  if (!state) return 0;
  const std::string again = encode(*state);
  if (again.size() <= max_carried_state && decode_carried_state(again) != state) std::abort();
  return 0;
}
