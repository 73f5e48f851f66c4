#include "erldist/control.hpp"
#include "erldist/frame.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// The first byte is the size of the chunks in which the rest arrives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::erldist;
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t chunk = std::max<std::size_t>(1, data[0]);
  constexpr std::size_t largest = 1 << 16;
  frame_decoder decoder(largest);
  while (!bytes.empty()) {
    decoder.append(bytes.substr(0, chunk));
    bytes.remove_prefix(std::min(chunk, bytes.size()));
    for (;;) {
      const auto frame = decoder.next();
      if (!frame) return 0;
      if (!*frame) break;
      if ((*frame)->size() > largest) std::abort();
      (void)decode_message(**frame).has_value();
    }
  }
  return 0;
}
