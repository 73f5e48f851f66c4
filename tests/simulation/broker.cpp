#include "tests/simulation/broker.hpp"

#include "tests/simulation/world.hpp"

namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::array<const char*, 3> versions = {"3.10.8", "4.0.5", "4.3.6"};

}  // namespace

int broker::node() const {
  return pod_.ordinal;
}

bool broker::khepri() const {
  return w_.the.version == release::v4_3;
}

bool broker::reaches(const broker& other) const {
  return w_.net.reaches(node(), other.node());
}

const database* broker::db() const {
  return pod_.volume->db ? &*pod_.volume->db : nullptr;
}

database* broker::db() {
  return pod_.volume->db ? &*pod_.volume->db : nullptr;
}

void broker::say(const std::string& what) const {
  w_.tell("  broker " + std::to_string(node()), [&] { return what; });
}

bool broker::stands_aside() const {
  const auto& mark = pod_.volume->mark;
  return db() != nullptr && db()->members == node_set{node()} && mark &&
         mark->state == domain::mark_state::joining;
}

bool broker::must_not_boot_alone() const {
  if (!door_) return false;
  const bool by_clock = w_.the.version != release::v3_10;
  return door_->kind == domain::door_kind::seed ||
         (door_->kind == domain::door_kind::classic && !by_clock);
}

void broker::after(duration least, duration most, std::function<void()> what) {
  w_.time.after(w_.luck.between(least, most), [this, what = std::move(what)]() mutable {
    if (!held_) return what();
    after(50ms, 50ms, std::move(what));
  });
}

void broker::later(duration least, duration most, std::function<void()> what) {
  after(least, most, [this, life = life_, what = std::move(what)] {
    if (life == life_) what();
  });
}

void broker::start() {
  if (process_ || pod_.gone || pod_.terminating) return;
  ++life_;
  ++incarnation_;
  process_ = true;
  door_ = pod_.conf;
  began_ = w_.time.now();
  say("starts with the door " +
      (door_ ? std::string(domain::name(door_->kind)) + " " + door_->target : "none"));
  later(200ms, 1s, [this] {
    registered_ = true;
    boot_ = domain::boot_state::booting;
    if (w_.the.version != release::v3_10 && !db()) pod_.volume->touched = true;
    later(50ms, 1s, [this] { go(); });
  });
  w_.at_moment(node(), moment::broker_begun);
}

void broker::kill(const char* why) {
  if (!process_) return;
  say(std::string("ends: ") + why);
  const bool was_ready = ready();
  ++life_;
  process_ = registered_ = syncing_ = finishing_ = false;
  boot_.reset();
  if (was_ready && db() != nullptr) {
    for (const int n : db()->members) {
      broker* other = w_.set.broker_at(n);
      if (n != node() && other != nullptr && other->ready() &&
          other->db()->cluster_id == db()->cluster_id) {
        add(other->db()->seen_down, node());
      }
    }
  }
  w_.check.changed();
  w_.set.broker_ended(pod_);
}

domain::broker_facts broker::facts() const {
  domain::broker_facts f{.state = domain::presence::runs_not};
  if (!runs()) return f;
  f.state = domain::presence::runs;
  f.boot = boot_;
  f.version = versions.at(static_cast<std::size_t>(w_.the.version));
  f.store = khepri() ? domain::metadata_store::khepri : domain::metadata_store::mnesia;
  f.began = base::wall_time(
                std::chrono::duration_cast<base::wall_time::duration>(began_.time_since_epoch())) +
            w_.the.clocks.at(network::at(node()));
  if (!ready() || db() == nullptr) return f;
  f.cluster_id = db()->cluster_id;
  domain::membership m;
  for (const int n : db()->members) {
    m.members.push_back(node_name(n));
    const broker* other = w_.set.broker_at(n);
    const bool up = n == node() || (other != nullptr && other->ready() && reaches(*other) &&
                                    other->db()->cluster_id == db()->cluster_id);
    if (up) m.running.push_back(node_name(n));
  }
  f.cluster = std::move(m);
  return f;
}

bool broker::votes_in(const std::string& cluster_id) const {
  if (!runs() || boot_ == domain::boot_state::stopped) return false;
  if (pod_.volume->joining == cluster_id) return true;
  return db() != nullptr && db()->cluster_id == cluster_id;
}

bool broker::waits_in(const std::string& cluster_id) const {
  return syncing_ && runs() && db() != nullptr && db()->cluster_id == cluster_id;
}

void broker::fail_boot(const char* why) {
  kill(why);
}

void broker::finish(duration least, duration most) {
  finishing_ = true;
  catch_up();
  later(least, most, [this] {
    syncing_ = finishing_ = false;
    boot_ = domain::boot_state::ready;
    db()->finished = true;
    catch_up();
    for (const int n : node_set(db()->members)) {
      broker* other = w_.set.broker_at(n);
      if (n == node() || other == nullptr || !other->ready() || !reaches(*other)) continue;
      if (other->db()->cluster_id != db()->cluster_id) continue;
      remove(other->db()->seen_down, node());
      remove(db()->seen_down, n);
      other->catch_up();
    }
    say("is ready: cluster " + db()->cluster_id + " of " + std::to_string(db()->members.size()) +
        ", writes " + std::to_string(db()->data));
    w_.check.changed();
    w_.at_moment(node(), moment::broker_ready);
  });
}

void broker::stop_app(const when_done& done) {
  if (!runs()) return done(false);
  after(100ms, 800ms, [this, done, before = incarnation_] {
    if (before != incarnation_ || !runs()) return done(false);
    ++life_;
    syncing_ = finishing_ = false;
    boot_ = domain::boot_state::stopped;
    say("stop_app");
    w_.check.changed();
    done(true);
  });
}

void broker::start_app(const when_done& done) {
  if (!runs() || boot_ != domain::boot_state::stopped) return done(false);
  ++life_;
  boot_ = domain::boot_state::booting;
  say("start_app");
  later(50ms, 400ms, [this] { go(); });
  after(500ms, 3s, [done] { done(true); });
}

void broker::join_by_call(int target, const when_done& done) {
  if (!runs() || boot_ != domain::boot_state::stopped) return done(false);
  join(target, true, done);
}

void broker::note_change(const std::vector<broker*>& members) {
  long newest = 0;
  for (const broker* b : members) newest = std::max(newest, b->db()->config);
  for (broker* b : members) b->db()->config = newest + 1;
}

void broker::catch_up() {
  if (!takes_part() || db() == nullptr) return;
  database& own = *db();
  for (const int n : node_set(own.members)) {
    const broker* other = w_.set.broker_at(n);
    if (n == node() || other == nullptr || !other->takes_part() || !reaches(*other)) continue;
    const database& theirs = *other->db();
    if (theirs.cluster_id != own.cluster_id || !has(theirs.members, node())) continue;
    if (theirs.config >= own.config && theirs.data >= own.data) {
      copy_from(*other);
    } else if (theirs.config > own.config) {
      own.config = theirs.config;
      own.members = theirs.members;
    } else {
      own.data = std::max(own.data, theirs.data);
    }
  }
}

bool broker::forget(int gone) {
  if (!ready()) return false;
  const broker* other = w_.set.broker_at(gone);
  const bool is_up = other != nullptr && other->ready();
  if (is_up && (khepri() || other->db()->cluster_id == db()->cluster_id)) return false;
  if (!has(db()->members, gone)) return true;
  std::vector<broker*> up;
  for (const int n : db()->members) {
    broker* member = w_.set.broker_at(n);
    if (n == gone || member == nullptr || !reaches(*member)) continue;
    if (khepri() ? member->votes_in(db()->cluster_id) && member->db() != nullptr
                 : member->takes_part() && member->db()->cluster_id == db()->cluster_id) {
      up.push_back(member);
    }
  }
  if (khepri() && up.size() * 2 <= db()->members.size()) return false;
  w_.check.forgets(*this, gone);
  for (broker* member : up) {
    remove(member->db()->members, gone);
    remove(member->db()->seen_down, gone);
  }
  note_change(up);
  say("forgets " + std::to_string(gone));
  w_.check.changed();
  return true;
}

}  // namespace warren::simulation
