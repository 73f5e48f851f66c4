#include "etf/decode.hpp"
#include "etf/encode.hpp"
#include "etf/to_text.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::etf;
  const auto t = decode({reinterpret_cast<const char*>(data), size});
  if (!t) return 0;
  if (to_text(*t, 100).size() > 100) std::abort();
  const auto again = decode(encode(*t), {.bytes = 8u << 20});
  if (!again || *again != *t) std::abort();
  return 0;
}
