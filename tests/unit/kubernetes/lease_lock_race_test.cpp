#include "kubernetes/lease_lock.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <utility>

// Several contenders and a server in virtual time: requests and answers take long, are lost, or
// come late; processes stop for longer than a hold lasts; the Lease is annotated and deleted.
using namespace std::chrono_literals;
using namespace warren;
using kubernetes::lease;
using kubernetes::lease_lock;
using kind = kubernetes::lock_action::kind;
using std::chrono::milliseconds;

namespace {

class world {
 public:
  explicit world(std::uint64_t seed) : random_(seed) {}

  base::time_point now{1h};
  std::optional<lease> stored;

  milliseconds up_to(milliseconds most) {
    return milliseconds(std::uniform_int_distribution<long>(1, most.count())(random_));
  }
  bool chance(int in) { return std::uniform_int_distribution<>(1, in)(random_) == 1; }
  void after(base::duration wait, std::function<void()> what) {
    events_.emplace(now + wait, std::move(what));
  }
  bool step() {
    if (events_.empty()) return false;
    auto first = events_.extract(events_.begin());
    now = first.key();
    first.mapped()();
    return true;
  }
  // Compares and swaps, as kube-apiserver does. False: a conflict.
  bool write(lease l) {
    const bool fits = stored
                          ? l.resource_version == stored->resource_version && l.uid == stored->uid
                          : l.resource_version.empty();
    if (!fits) return false;
    if (!stored) l.uid = std::to_string(++versions_);
    l.resource_version = std::to_string(++versions_);
    stored = std::move(l);
    return true;
  }

 private:
  std::mt19937_64 random_;
  std::multimap<base::time_point, std::function<void()>> events_;
  std::uint64_t versions_ = 0;
};

class contender {
 public:
  contender(world& w, std::string identity)
      : world_(w), lock_({.name = "l", .identity = std::move(identity)}) {}

  int taken = 0;

  [[nodiscard]] bool believes() const { return lock_.held_until(world_.now).has_value(); }

  void go_on() {
    const std::uint64_t turn = ++turn_;
    if (world_.chance(40)) {  // stopped, with what it believes
      world_.after(world_.up_to(25s), [this, turn] { resume(turn); });
      return;
    }
    const auto action = lock_.next(world_.now);
    switch (action.what) {
      case kind::look:
        request([this] { return [seen = world_.stored, this] { lock_.saw(seen, world_.now); }; });
        break;
      case kind::wait:
        world_.after(action.until - world_.now, [this, turn] { resume(turn); });
        break;
      case kind::held:
        if (world_.chance(4)) {
          lock_.give_up();
          if (const auto freed = lock_.to_release({})) send(*freed);
        } else {
          world_.after(world_.up_to(9s), [this, turn] { resume(turn); });
        }
        break;
      case kind::create:
      case kind::take:
      case kind::renew:
        send(lock_.draft(action.what, base::wall_time(world_.now.time_since_epoch())));
        break;
    }
  }

 private:
  void resume(std::uint64_t turn) {
    if (turn == turn_) go_on();
  }
  void send(lease l) {
    lock_.sending();
    request([this, l = std::move(l), sent = world_.now] {
      const bool fits = world_.write(l);
      return [this, fits, stored = world_.stored, sent] {
        const bool before = believes();
        if (fits) {
          lock_.wrote(*stored, sent);
        } else {
          lock_.conflicted();
        }
        if (!before && believes()) ++taken;
      };
    });
  }
  // `at_server` runs there and gives what the answer does here; without one in time we go on.
  template <class AtServer>
  void request(AtServer at_server) {
    const std::uint64_t turn = turn_;
    const milliseconds longest = world_.chance(10) ? 12s : 300ms;
    world_.after(3s, [this, turn] { resume(turn); });
    if (world_.chance(20)) return;
    world_.after(world_.up_to(longest), [this, turn, longest, at_server] {
      auto take = at_server();
      if (world_.chance(20)) return;
      world_.after(world_.up_to(longest), [this, turn, take] {
        if (turn != turn_) return;
        take();
        go_on();
      });
    });
  }

  world& world_;
  lease_lock lock_;
  std::uint64_t turn_ = 0;
};

void meddle(world& w) {
  if (w.stored && w.chance(3)) {
    w.stored->annotations["note"] += "x";
    lease touched = *w.stored;
    w.write(touched);
  }
  w.after(w.up_to(20s), [&w] { meddle(w); });
}

}  // namespace

TEST_CASE("of several contenders never two hold the lock, whatever is late, lost or stopped",
          "[lease_lock]") {
  int taken = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    world w(seed);
    std::deque<contender> all;
    for (int i = 0; i < 4; ++i) all.emplace_back(w, "pod-" + std::to_string(i));
    for (contender& c : all) w.after(w.up_to(1s), [&c] { c.go_on(); });
    meddle(w);
    const base::time_point end = w.now + 1h;
    while (w.now < end && w.step()) {
      const auto holders =
          std::count_if(all.begin(), all.end(), [](auto& c) { return c.believes(); });
      if (holders > 1) FAIL("two hold it");
    }
    for (const contender& c : all) {
      CHECK(c.taken > 3);
      taken += c.taken;
    }
  }
  CHECK(taken > 60 * 60);
}
