#include "tests/simulation/broker.hpp"
#include "tests/simulation/world.hpp"

// How a broker joins another one's cluster, by discovery or by calls. It may end between any two of
// these steps.
namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

}  // namespace

void broker::join(int target, bool by_call, const when_done& done) {
  const broker* other = w_.set.broker_at(target);
  if (other == nullptr || other == this || !other->ready() || !reaches(*other)) return done(false);
  if (khepri()) return join_khepri(target, done);
  join_mnesia(target, by_call, done);
}

void broker::join_mnesia(int target, bool by_call, const when_done& done) {
  const broker& other = *w_.set.broker_at(target);
  disk& d = *pod_.volume;
  if (d.db && d.db->cluster_id == other.db()->cluster_id) return done(true);
  // 3.10 looks only by calls whether the cluster still lists it.
  const bool listed = has(other.db()->members, node());
  if (listed && (by_call || w_.the.version != release::v3_10)) {
    say("inconsistent_cluster: " + std::to_string(target) + " lists it");
    return done(false);
  }
  if (d.db) w_.check.discards(*this);
  d.db.reset();
  // 4.0 makes a database for itself before it joins by discovery, and goes on with that if it ends
  // then.
  if (!by_call && w_.the.version == release::v4_0) {
    d.db = database{.cluster_id = "c" + std::to_string(++w_.clusters_made), .members = {node()}};
  }
  const long life = life_;
  const auto go_on = [this, life, done](duration least, duration most, std::function<void()> what) {
    after(least, most, [this, life, done, what = std::move(what)] {
      if (life != life_) return done(false);
      what();
    });
  };
  go_on(20ms, 300ms, [this, target, done, go_on] {
    pod_.volume->db.reset();
    broker* seed = w_.set.broker_at(target);
    if (seed == nullptr || !seed->ready() || !reaches(*seed)) return done(false);
    const std::string id = seed->db()->cluster_id;
    std::vector<broker*> up;
    for (const int n : node_set(seed->db()->members)) {
      broker* member = w_.set.broker_at(n);
      if (member == nullptr || !member->takes_part() || member->db()->cluster_id != id) continue;
      add(member->db()->members, node());
      up.push_back(member);
    }
    note_change(up);
    say("is listed by the cluster " + id);
    const database copy = *seed->db();
    go_on(1ms, 300ms, [this, target, copy, done, go_on] {
      disk& own = *pod_.volume;
      own.db = copy;
      // Who was listed meanwhile is told by whom it joins.
      const broker* there = w_.set.broker_at(target);
      const bool same = there != nullptr && there->takes_part() && reaches(*there) &&
                        there->db()->cluster_id == copy.cluster_id;
      if (same) own.db = *there->db();
      finishing_ = true;
      own.db->finished = false;
      own.touched = false;
      go_on(1ms, 500ms, [done] { done(true); });
      w_.at_moment(node(), moment::join_known);
    });
    w_.at_moment(node(), moment::join_listed);
  });
}

// What those have that it was added to; false if none of them is there.
bool broker::take_from_members(const std::string& id) {
  const broker* newest = nullptr;
  for (const auto& p : w_.set.pods()) {
    const broker& b = p->broker;
    if (p->gone || &b == this || !b.votes_in(id) || b.db() == nullptr || !reaches(b)) continue;
    if (!has(b.db()->members, node())) continue;
    if (newest == nullptr || b.db()->config > newest->db()->config) newest = &b;
  }
  if (newest == nullptr) return false;
  disk& own = *pod_.volume;
  own.db = *newest->db();
  own.db->finished = false;
  own.touched = false;
  own.joining.reset();
  return true;
}

void broker::join_khepri(int target, const when_done& done) {
  const broker& other = *w_.set.broker_at(target);
  disk& d = *pod_.volume;
  const std::string id = other.db()->cluster_id;
  if (d.db && d.db->cluster_id == id) return done(true);
  // The members that vote, without this node; false if, with this one's own vote, that is no
  // majority of `of`.
  const auto voters = [this, id, target](std::size_t of, std::vector<broker*>& up) {
    for (const int n : w_.set.broker_at(target)->db()->members) {
      broker* member = w_.set.broker_at(n);
      const bool votes =
          n != node() && member != nullptr && member->votes_in(id) && reaches(*member);
      if (votes && member->db() != nullptr) up.push_back(member);
    }
    // It may have been added before: its Raft member is up until it is reset.
    const bool own = votes_in(id) && has(w_.set.broker_at(target)->db()->members, node());
    return (up.size() + (own ? 1 : 0)) * 2 > of;
  };
  std::vector<broker*> up;
  if (!voters(other.db()->members.size(), up)) return done(false);
  if (d.db) w_.check.discards(*this);
  if (has(other.db()->members, node())) {
    // What it was there is removed first.
    for (broker* member : up) remove(member->db()->members, node());
    note_change(up);
  }
  d.db.reset();
  d.touched = true;
  d.joining = id;
  const long life = life_;
  const auto go_on = [this, life, done](duration least, duration most, std::function<void()> what) {
    after(least, most, [this, life, done, what = std::move(what)] {
      if (life != life_) return done(false);
      what();
    });
  };
  go_on(10ms, 200ms, [this, target, id, done, go_on, voters] {
    const broker* seed = w_.set.broker_at(target);
    if (seed == nullptr || !seed->ready() || !reaches(*seed) || seed->db()->cluster_id != id) {
      return done(false);
    }
    // The new member's own vote counts for its addition.
    std::vector<broker*> all;
    voters(0, all);
    if ((all.size() + 1) * 2 <= seed->db()->members.size() + 1) return done(false);
    for (broker* member : all) add(member->db()->members, node());
    note_change(all);
    say("is listed by the cluster " + id);
    go_on(1ms, 300ms, [this, id, done, go_on] {
      if (!take_from_members(id)) return done(false);
      go_on(1ms, 500ms, [done] { done(true); });
      w_.at_moment(node(), moment::join_known);
    });
    w_.at_moment(node(), moment::join_listed);
  });
}

}  // namespace warren::simulation
