#pragma once

#include "agent/domain/formation.hpp"
#include "agent/domain/health.hpp"
#include "agent/domain/transitions.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace warren::agent {

// What must not start anew when the worker is replaced. The guard keeps it as bytes and gives it to
// the next worker.
struct carried_state {
  base::time_point started_at;                // of the first worker of this guard
  bool may_start = false;                     // /startupz has said 200
  std::optional<base::time_point> formed_at;  // when all expected members ran for the first time
  std::optional<base::duration> gate_waited;  // until the start gate was opened
  // See snapshot: a broker that has read a door that leads nowhere.
  std::optional<std::uint32_t> outdated_creation;
  std::optional<domain::overrule> person;  // an order that is not carried out yet
  domain::health_clocks clocks;
  domain::told told;
  friend bool operator==(const carried_state&, const carried_state&) = default;
};

// The guard takes no more than this, in bytes.
constexpr std::size_t max_carried_state = std::size_t{64} * 1024;

// JSON; time points are nanoseconds of the machine's monotonic clock.
std::string encode(const carried_state& state);

// Nothing if the bytes are not a state: the worker then starts as the first one does.
std::optional<carried_state> decode_carried_state(std::string_view bytes);

}  // namespace warren::agent
