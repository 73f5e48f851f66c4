#include "agent/snapshot_store.hpp"

namespace warren::agent {

void snapshot_store::advance(base::time_point now) {
  const bool opens = current_.may_start && !could_start_;
  could_start_ = current_.may_start;
  if (opens) current_.clocks.opened_at = now;
  const domain::broker_view& broker = current_.world.broker;
  current_.clocks = domain::advance_clocks(current_.clocks, broker, health_, now);
  current_.world.hung = domain::is_hung(current_.clocks, health_, now);
}

}  // namespace warren::agent
