#include "agent/status_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// Whatever answers on a peer's port gives facts of the agent that was asked, or a failure.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace warren::agent;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const asked_agent whom{.service = "rmq", .node = "rabbit@rmq-1", .pod_uid = "u1"};
  const auto facts = read_status(body, whom);
  if (facts && (facts->pod_uid != whom.pod_uid || body.size() > max_status)) std::abort();
  if (facts.has_error() && facts.error().text().size() > 1024) std::abort();
  return 0;
}
