#include "agent/enabled_plugins.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// What a list names stands in its text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view plugin = "rabbitmq_peer_discovery_k8s";
  const auto enabled = warren::agent::enables_plugin(text, plugin);
  if (enabled.value_or(false) && text.find(plugin) == text.npos) std::abort();
  return 0;
}
