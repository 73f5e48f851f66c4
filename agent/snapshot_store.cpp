#include "agent/snapshot_store.hpp"

namespace warren::agent {

void snapshot_store::advance(base::time_point now) {
  const domain::broker_view& broker = current_.world.broker;
  current_.clocks = domain::advance_clocks(current_.clocks, broker, health_, now);
  const auto& silent_since = current_.clocks.silent_since;
  current_.world.hung = silent_since && now - *silent_since >= health_.hang_timeout;
}

}  // namespace warren::agent
