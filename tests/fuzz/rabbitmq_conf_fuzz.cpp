#include "agent/rabbitmq_conf.hpp"

#include <cstdint>
#include <cstdlib>

// Whatever is parsed was in the input, in its order.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t line = 0;
  for (const auto& setting : warren::agent::parse_rabbitmq_conf(text)) {
    if (setting.line <= line || setting.key.empty()) std::abort();
    if (text.find(setting.key) == text.npos || text.find(setting.value) == text.npos) std::abort();
    line = setting.line;
  }
  return 0;
}
