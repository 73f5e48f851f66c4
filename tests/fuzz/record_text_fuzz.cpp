#include "agent/record_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// Any text gives a record or an error; what was decoded can be encoded and is the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::agent;
  const auto record = decode_record({reinterpret_cast<const char*>(data), size});
  if (!record) return 0;
  const auto again = decode_record(encode_record(*record));
  if (again && *again != *record) std::abort();
  return 0;
}
