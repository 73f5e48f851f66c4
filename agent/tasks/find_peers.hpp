#pragma once

#include "agent/settings.hpp"
#include "agent/tasks/found_peers.hpp"
#include "agent/tasks/peer_watch.hpp"
#include "async/awaitable.hpp"

namespace warren::agent {

// Keeps the peers in `found` equal to what the source in the settings says. Ends only by
// cancellation; all three must outlive it.
async::awaitable<void> find_peers(const settings& s, found_peers& found, peer_watch& kubernetes);

}  // namespace warren::agent
