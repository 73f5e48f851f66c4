#include "agent/tasks/found_peers.hpp"

#include <utility>

namespace warren::agent {

void found_peers::take(domain::peer_list list) {
  store_.change(base::steady::now(), [&](snapshot& s) {
    if (s.world.peers.value == list) return;
    s.world.peers.value = std::move(list);
    ++s.peers_revision;
  });
  confirm();
}

void found_peers::confirm() {
  ++counters_.good;
  counters_.last_success = base::wall_clock::now();
  const base::time_point now = base::steady::now();
  store_.change(now, [&](snapshot& s) {
    s.world.peers.confirmed(now);
    s.world.discovery = domain::discovery_problem::none;
    s.peers_seen_at = counters_.last_success;
  });
}

void found_peers::fail(const base::failure& why, domain::discovery_problem what) {
  ++counters_.failed;
  store_.change(base::steady::now(), [&](snapshot& s) {
    s.world.peers.failed(why);
    s.world.discovery = what;
  });
}

}  // namespace warren::agent
