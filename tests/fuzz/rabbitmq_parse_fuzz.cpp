// What a broker answers, from its bytes to its meaning, by every parser: no input may throw.
#include "etf/decode.hpp"
#include "rabbitmq/parse.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::rabbitmq;
  const auto answer = warren::etf::decode({reinterpret_cast<const char*>(data), size});
  if (!answer) return 0;
  const auto version = parse_version(*answer);
  if (version && (version->empty() || version->size() > size)) std::abort();
  if (parse_boot_state(*answer) && parse_paused(*answer)) {
    // Only `undefined` and process ids are answers to the second, neither of them a boot state.
    std::abort();
  }
  static_cast<void>(parse_draining(*answer));
  const auto alarms = parse_alarms(*answer, "rabbit@a");
  if (alarms && !std::ranges::is_sorted(*alarms)) std::abort();
  const auto listeners = parse_listeners(*answer);
  if (listeners && !std::ranges::is_sorted(*listeners, {}, &listener::port)) std::abort();
  const auto nodes = parse_nodes(*answer);
  if (nodes && !std::ranges::is_sorted(*nodes)) std::abort();
  // An error quotes the answer, but not all of a long one.
  if (!version && version.error().text().size() > 1000) std::abort();
  return 0;
}
