#include "agent/mark_file.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// Any bytes give a mark or a reason; what was decoded can be encoded and is the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::agent;
  const auto mark = decode_mark({reinterpret_cast<const char*>(data), size});
  if (mark.has_error()) {
    if (mark.error().detail.empty()) std::abort();
    return 0;
  }
  const std::string again = encode(*mark);
  if (again.size() > size + 4096) std::abort();
  const auto same = decode_mark(again);
  if (same.has_value() && *same != *mark) std::abort();
  return 0;
}
