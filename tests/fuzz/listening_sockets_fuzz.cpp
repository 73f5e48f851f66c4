// What the kernel says of sockets, as messages and as text: no input may be read beyond its end,
// and no more ports may come of it than there is room for.
#include "agent/tasks/listening_sockets.hpp"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace warren::agent;
  // Aligned as the kernel's buffer is.
  std::vector<std::uint64_t> aligned((size + 7) / 8);
  const auto messages = std::as_writable_bytes(std::span(aligned)).first(size);
  std::copy_n(reinterpret_cast<const std::byte*>(data), size, messages.begin());
  std::vector<std::uint16_t> ports;
  collect_from_diag(messages, ports);
  if (ports.size() > size / 16) std::abort();

  ports.clear();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  collect_from_proc(text, ports);
  if (ports.size() > size) std::abort();
  return 0;
}
