#pragma once

#include "agent/domain/transitions.hpp"
#include "agent/snapshot_store.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>

namespace warren::agent {

struct discovery_counters {
  std::uint64_t good = 0;    // looks that gave the peers, or confirmed them
  std::uint64_t failed = 0;  // looks that did not
  std::optional<base::wall_time> last_success;
};

// Where every source of peers puts what it saw: into the store, counted. Single-threaded; the store
// must outlive it.
class found_peers {
 public:
  explicit found_peers(snapshot_store& store) : store_(store) {}

  // These are the peers.
  void take(domain::peer_list list);
  // They are as they were.
  void confirm();
  // They could not be looked for; the last ones stay.
  void fail(const base::failure& why, domain::discovery_problem what);

  [[nodiscard]] const discovery_counters& counters() const { return counters_; }

 private:
  snapshot_store& store_;
  discovery_counters counters_;
};

}  // namespace warren::agent
