#include "agent/commands/peers_output.hpp"

#include <cstddef>
#include <cstdint>

// Whatever answers on the agent's port, the command prints something or says that it cannot.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::agent;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto output : {peers_output::table, peers_output::json, peers_output::plain}) {
    show_peers(body, output);
  }
  return 0;
}
