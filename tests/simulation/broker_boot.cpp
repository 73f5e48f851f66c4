#include "tests/simulation/broker.hpp"
#include "tests/simulation/world.hpp"

// How a broker boots: with data it finds its cluster again, without it looks for one as its version
// does.
namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

// 10 times 30 s, as tables (Mnesia) or a leader (Khepri) are waited for.
constexpr duration waits_at_most = 300s;
constexpr duration between_syncs = 1s;
constexpr duration longest_sight = 5s;

}  // namespace

void broker::go() {
  waited_ = {};
  tries_ = 0;
  disk& d = *pod_.volume;
  if (d.half_made) return later(100ms, 2s, [this] { fail_boot("schema_integrity_check_failed"); });
  if (d.joining) {
    // Its Raft member was being added: if it was, the leader sends it all that there is.
    if (take_from_members(*d.joining)) say("was added to its cluster before it ended");
  }
  if (d.db) {
    syncing_ = true;
    sync();
  } else {
    const long life = life_;
    w_.at_moment(node(), moment::broker_looks);
    if (life == life_) discover();
  }
}

void broker::retry_discovery() {
  ++tries_;
  const bool ends = w_.broken != nullptr && w_.broken->retries_end && tries_ >= 30;
  if (ends) {
    say("its retries end");
    return found_alone();
  }
  later(500ms, 600ms, [this] { discover(); });
}

void broker::discover() {
  if (!door_) return found_alone();
  switch (door_->kind) {
    case domain::door_kind::found:
    case domain::door_kind::join_by_calls:
      return found_alone();
    case domain::door_kind::closed:
      return;
    case domain::door_kind::classic:
      return discover_classic();
    case domain::door_kind::seed:
      break;
  }
  if (!khepri()) return fail_boot("seed_node is an unknown key");
  const int target = ordinal_of(door_->target);
  join(target, false, [this, life = life_](bool ok) {
    if (life != life_) return;
    if (ok) return finish(100ms, 2s);
    retry_discovery();
  });
}

void broker::discover_classic() {
  const int target = ordinal_of(door_->target);
  const broker* other = w_.set.broker_at(target);
  const bool there = other != nullptr && other->runs() && reaches(*other);
  if (!there) return retry_discovery();
  if (w_.the.version != release::v3_10) {
    // More members first, then the older start, each by its own machine's clock.
    const auto began = [this](const broker& b) {
      return b.began_ + w_.the.clocks.at(network::at(b.node()));
    };
    const std::size_t theirs = other->db() != nullptr ? other->db()->members.size() : 1;
    if (theirs <= 1 && began(*this) < began(*other)) {
      // The gate opens by that clock, where the cluster has never had another member; what it was
      // decided from is at most so old.
      const bool changed = other->db() != nullptr && other->db()->config > 0;
      if (!changed && other->began_ + longest_sight < pod_.conf_written) {
        w_.check.violated("node " + std::to_string(node()) + " opened though its clock is behind");
      }
      say("selects itself: its clock says that it began first");
      return found_alone();
    }
  }
  if (!other->ready()) return retry_discovery();
  join(target, false, [this, life = life_](bool ok) {
    if (life != life_) return;
    if (ok) return finish(100ms, 2s);
    retry_discovery();
  });
}

void broker::found_alone() {
  if (khepri()) return later(50ms, 500ms, [this] { has_founded(); });
  later(40ms, 400ms, [this] {
    pod_.volume->half_made = true;
    later(10ms, 100ms, [this] { has_founded(); });
  });
}

void broker::has_founded() {
  w_.check.founded(*this);
  disk& d = *pod_.volume;
  d.db = database{.cluster_id = "c" + std::to_string(++w_.clusters_made), .members = {node()}};
  d.touched = d.half_made = false;
  d.joining.reset();
  say("makes cluster " + d.db->cluster_id + " of itself");
  finish(200ms, 2s);
}

void broker::copy_from(const broker& other) {
  database& own = *db();
  const database& theirs = *other.db();
  own.members = theirs.members;
  own.config = theirs.config;
  own.data = theirs.data;
  own.seen_down = theirs.seen_down;
  remove(own.seen_down, node());
}

void broker::sync() {
  const bool there = khepri() ? sync_khepri() : sync_mnesia();
  if (there || !process_) return;
  waited_ += between_syncs;
  if (waited_ >= waits_at_most) return fail_boot("the others did not come");
  later(between_syncs, between_syncs, [this] { sync(); });
}

// True if it goes on, or has ended.
bool broker::sync_mnesia() {
  const database& own = *db();
  node_set needed;
  bool refused = false;
  for (const int n : own.members) {
    const broker* other = w_.set.broker_at(n);
    if (n == node()) continue;
    if (other != nullptr && other->ready() && reaches(*other)) {
      if (other->db()->cluster_id != own.cluster_id || !has(other->db()->members, node())) {
        refused = true;
        continue;
      }
      // Tables are loaded from there; who belongs to it is what the newer schema says.
      const database before = own;
      copy_from(*other);
      if (before.config > other->db()->config) {
        db()->config = before.config;
        db()->members = before.members;
      }
      finish(100ms, 1s);
      return true;
    }
    const bool waits = other != nullptr && other->waits_in(own.cluster_id) && reaches(*other);
    if (!has(own.seen_down, n) && !waits) add(needed, n);
  }
  // One that agrees is enough: rabbit_mnesia:check_cluster_consistency/0.
  if (refused) {
    fail_boot("inconsistent_cluster");
    return true;
  }
  if (!needed.empty()) return false;
  // It stopped last, or all who may have are here: the newest copy is loaded by all.
  for (const int n : node_set(own.members)) {
    const broker* other = w_.set.broker_at(n);
    const bool newer = other != nullptr && n != node() && other->waits_in(own.cluster_id) &&
                       reaches(*other) && other->db()->data > db()->data;
    if (newer) copy_from(*other);
  }
  finish(100ms, 1s);
  return true;
}

bool broker::sync_khepri() {
  const std::string id = db()->cluster_id;
  const broker* newest = this;
  const broker* fullest = this;
  for (const auto& p : w_.set.pods()) {
    const broker& b = p->broker;
    if (p->gone || !b.votes_in(id) || b.db() == nullptr || !reaches(b)) continue;
    if (b.db()->config > newest->db()->config) newest = &b;
  }
  const database config = *newest->db();
  if (!has(config.members, node())) return false;
  std::size_t up = 0;
  for (const int n : config.members) {
    const broker* b = w_.set.broker_at(n);
    if (b == nullptr || !b->votes_in(id) || !reaches(*b)) continue;
    ++up;
    if (b->db() != nullptr && b->db()->data > fullest->db()->data) fullest = b;
  }
  if (up * 2 <= config.members.size()) return false;
  const long data = fullest->db()->data;
  if (newest != this) copy_from(*newest);
  db()->data = data;
  finish(100ms, 2s);
  return true;
}

}  // namespace warren::simulation
