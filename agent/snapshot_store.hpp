#pragma once

#include "agent/domain/expected.hpp"
#include "agent/domain/formation.hpp"
#include "agent/domain/groups.hpp"
#include "agent/domain/health.hpp"
#include "agent/domain/peer_sights.hpp"
#include "agent/domain/transitions.hpp"
#include "base/clock.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace warren::agent {

// All that the worker knows.
struct snapshot {
  domain::world_view world;
  domain::health_clocks clocks;
  // What /startupz rests on; once true it stays so, also in the next worker.
  bool may_start = false;
  // Counts the changes of world.peers.value.
  std::uint64_t peers_revision = 0;
  std::optional<base::wall_time> peers_seen_at;
  // Why the peer file is not as the peers are; empty if it is.
  std::string peers_file_problem;

  bool gate_mode = false;  // false: formation is only observed, and `decision` means nothing
  domain::formation_view formation;
  domain::formation_step decision;
  // Liveness fails while the broker is this incarnation: it has read a door that leads nowhere.
  std::optional<std::uint32_t> outdated_creation;
  // The own StatefulSet, where it may be read.
  base::observed<domain::set_view> set;
  // What was seen of the other peers: always those of world.peers.
  domain::peer_sights sights;
  // The cluster as all brokers that were seen report it: see look_at_cluster().
  domain::cluster_picture cluster;
  // The peers are looked at as often as while the gate is closed.
  bool hurry = false;
};

// Makes `known.cluster` and the problems in `known.world` those of now. To be called now and then:
// problems are told by how long they have lasted.
void look_at_cluster(snapshot& known, base::time_point now);

// The only place where the snapshot changes. Tasks write what they see; probes, answers and metrics
// read. One thread.
class snapshot_store {
 public:
  // Called after each change. Must not change the store.
  using listener = std::function<void(const snapshot& now_known)>;

  snapshot_store(snapshot initial, const domain::health_settings& health)
      : current_(std::move(initial)), health_(health), could_start_(current_.may_start) {}
  snapshot_store(const snapshot_store&) = delete;
  snapshot_store& operator=(const snapshot_store&) = delete;

  [[nodiscard]] const snapshot& current() const { return current_; }
  // Listeners are added at start-up and live as long as the store.
  void on_change(listener l) { listeners_.push_back(std::move(l)); }

  // Applies `edit(snapshot&)`, advances the clocks to `now` and tells the listeners.
  template <class Edit>
  void change(base::time_point now, Edit edit) {
    edit(current_);
    advance(now);
    for (const listener& l : listeners_) l(current_);
  }

 private:
  void advance(base::time_point now);
  void advance_gate(base::time_point now);

  snapshot current_;
  domain::health_settings health_;
  std::uint64_t matched_revision_ = 0;  // of the peers that the sights are of
  bool could_start_;  // before the change: the broker's time to boot counts from the step to true
  std::vector<listener> listeners_;
};

}  // namespace warren::agent
