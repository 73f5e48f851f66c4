#include "erldist/handshake.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// The first byte is the size of the chunks in which the rest arrives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t chunk = std::max<std::size_t>(1, data[0]);
  warren::erldist::handshake h({.own_name = "warren@host",
                                .peer_name = "rabbit@host",
                                .cookie = warren::base::secret("monster"),
                                .creation = 1,
                                .challenge = 12345});
  while (!bytes.empty() && !h.done()) {
    if (!h.receive(bytes.substr(0, chunk))) return 0;
    h.take_output();
    bytes.remove_prefix(std::min(chunk, bytes.size()));
  }
  if (h.done() && h.peer().name != "rabbit@host") std::abort();
  return 0;
}
