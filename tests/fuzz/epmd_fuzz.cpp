#include "erldist/epmd_codec.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = warren::erldist::decode_port_answer(bytes, "rabbit");
  // Waiting for more bytes must have an end.
  if (whole && !whole->has_value() && size > 64) std::abort();
  return 0;
}
