#include "kubernetes/lease_lock.hpp"

#include "tests/support/catch.hpp"

using namespace std::chrono_literals;
using namespace warren;
using kubernetes::lease;
using kubernetes::lease_lock;
using kubernetes::lock_action;
using kind = kubernetes::lock_action::kind;

namespace {

const base::time_point start{1h};
// 2026-07-24T14:05:30Z
const base::wall_time wall{std::chrono::seconds(1784901930)};

lease_lock lock_of(const std::string& identity) {
  return lease_lock({.name = "rmq-formation", .identity = identity});
}

lease held_by(const std::string& holder, const std::string& renewed = "r0") {
  lease l;
  l.name = "rmq-formation";
  l.uid = "u";
  l.resource_version = "1";
  l.holder = holder;
  l.duration = 10s;
  l.acquire_time = "a0";
  l.renew_time = renewed;
  l.transitions = 7;
  return l;
}

// What the server has stored after `lock` wrote at `now`.
void write(lease_lock& lock, kind what, base::time_point now) {
  lease l = lock.draft(what, wall);
  lock.sending();
  l.uid = "u";
  l.resource_version = "2";
  lock.wrote(std::move(l), now);
}

kind next(const lease_lock& lock, base::time_point now) {
  return lock.next(now).what;
}

}  // namespace

TEST_CASE("nothing is decided before the Lease was read", "[lease_lock]") {
  CHECK(next(lock_of("me"), start) == kind::look);
}

TEST_CASE("an absent Lease is created, with the holder and without a transition", "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(std::nullopt, start);
  REQUIRE(next(lock, start) == kind::create);
  const lease l = lock.draft(kind::create, wall);
  CHECK(l.name == "rmq-formation");
  CHECK(l.holder == "me");
  CHECK(l.duration == 10s);
  CHECK(l.acquire_time == "2026-07-24T14:05:30.000000Z");
  CHECK(l.renew_time == l.acquire_time);
  CHECK(l.transitions == 0);
  CHECK(l.resource_version.empty());
}

TEST_CASE("a Lease that nobody holds is taken at once, by the version that was seen",
          "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(held_by(""), start);
  REQUIRE(next(lock, start) == kind::take);
  const lease l = lock.draft(kind::take, wall);
  CHECK(l.holder == "me");
  CHECK(l.resource_version == "1");
  CHECK(l.transitions == 8);
  CHECK(l.acquire_time == "2026-07-24T14:05:30.000000Z");
}

TEST_CASE("another holder is left alone, and looked at each second", "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(held_by("other"), start);
  const lock_action action = lock.next(start);
  CHECK(action.what == kind::wait);
  CHECK(action.until == start + 1s);
  CHECK(next(lock, start + 999ms) == kind::wait);
  CHECK(next(lock, start + 1s) == kind::look);
  CHECK(lock.holder() == "other");
}

TEST_CASE("a holder that was silent for the Lease's duration loses it, by the local clock",
          "[lease_lock]") {
  // The time in the Lease may be of any clock.
  const char* renewed = GENERATE("1970-01-01T00:00:00.000000Z", "2999-01-01T00:00:00.000000Z");
  lease_lock lock = lock_of("me");
  lock.saw(held_by("other", renewed), start);
  lock.saw(held_by("other", renewed), start + 9500ms);
  CHECK(lock.next(start + 9500ms).until == start + 10s);
  lock.saw(held_by("other", renewed), start + 9999ms);
  CHECK(next(lock, start + 9999ms) == kind::wait);
  lock.saw(held_by("other", renewed), start + 10s);
  CHECK(next(lock, start + 10s) == kind::take);
}

TEST_CASE("a sign of life counts from when it was seen", "[lease_lock]") {
  lease changed = held_by("other");
  SECTION("renewed") {
    changed.renew_time = "r1";
  }
  SECTION("taken by a third one") {
    changed.holder = "third";
  }
  SECTION("released and taken again") {
    changed.transitions = 9;
  }
  SECTION("another Lease of that name") {
    changed.uid = "v";
  }
  lease_lock lock = lock_of("me");
  lock.saw(held_by("other"), start);
  lock.saw(changed, start + 9s);
  lock.saw(changed, start + 18s);
  CHECK(next(lock, start + 18s) == kind::wait);
  lock.saw(changed, start + 19s);
  CHECK(next(lock, start + 19s) == kind::take);
}

TEST_CASE("who labels or annotates the Lease of a dead holder does not keep it alive",
          "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(held_by("other"), start);
  lease touched = held_by("other");
  touched.resource_version = "2";
  touched.annotations["a"] = "b";
  lock.saw(touched, start + 10s);
  REQUIRE(next(lock, start + 10s) == kind::take);
  CHECK(lock.draft(kind::take, wall).resource_version == "2");
}

TEST_CASE("the duration that the holder named is what it has", "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lease longer = held_by("other");
  longer.duration = 30s;
  lock.saw(longer, start);
  lock.saw(longer, start + 29s);
  CHECK(next(lock, start + 29s) == kind::wait);
  lock.saw(longer, start + 30s);
  CHECK(next(lock, start + 30s) == kind::take);
}

TEST_CASE("a holder that named no duration has the own one", "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lease unnamed = held_by("other");
  unnamed.duration = 0s;
  lock.saw(unnamed, start);
  CHECK(next(lock, start) == kind::wait);
  lock.saw(unnamed, start + 10s);
  CHECK(next(lock, start + 10s) == kind::take);
}

TEST_CASE("a holder that restarts with the same identity goes on, with no transition",
          "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(held_by("me"), start);
  CHECK_FALSE(lock.held_until(start));  // not before it has written
  REQUIRE(next(lock, start) == kind::renew);
  const lease l = lock.draft(kind::renew, wall);
  CHECK(l.acquire_time == "a0");
  CHECK(l.transitions == 7);
  CHECK(l.renew_time == "2026-07-24T14:05:30.000000Z");
  write(lock, kind::renew, start);
  CHECK(lock.held_until(start));
}

TEST_CASE("a hold counts from when the request was sent, and ends before others may take it",
          "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(std::nullopt, start);
  write(lock, kind::create, start);
  CHECK(lock.next(start).what == kind::held);
  CHECK(lock.next(start).until == start + 8s);
  CHECK(lock.held_until(start + 7999ms) == start + 8s);
  CHECK_FALSE(lock.held_until(start + 8s));
}

TEST_CASE("a hold is renewed from a third of it on, without reading first", "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(held_by(""), start);
  write(lock, kind::take, start);
  CHECK(next(lock, start + 2s) == kind::held);
  REQUIRE(next(lock, start + 3s) == kind::renew);
  CHECK(lock.draft(kind::renew, wall).resource_version == "2");
  write(lock, kind::renew, start + 3s);
  CHECK(lock.held_until(start + 3s) == start + 11s);
}

TEST_CASE("a holder that slept does not believe in its hold, and looks", "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(std::nullopt, start);
  write(lock, kind::create, start);
  const base::time_point later = start + 60s;
  CHECK_FALSE(lock.held_until(later));
  REQUIRE(next(lock, later) == kind::look);
  lock.saw(held_by("other"), later);
  CHECK(next(lock, later) == kind::wait);
  CHECK_FALSE(lock.to_release(wall));
}

TEST_CASE("an answer that comes after the hold has ended gives none", "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(held_by(""), start);
  write(lock, kind::take, start);  // sent then
  CHECK_FALSE(lock.held_until(start + 9s));
  CHECK(next(lock, start + 9s) == kind::look);
}

TEST_CASE("a conflict ends what was believed, and the Lease is read", "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(held_by(""), start);
  SECTION("of the one who takes it") {}
  SECTION("of the one who holds and renews it") {
    write(lock, kind::take, start);
  }
  lock.sending();
  lock.conflicted();
  CHECK_FALSE(lock.held_until(start));
  REQUIRE(next(lock, start) == kind::look);
  lock.saw(held_by("other"), start);
  CHECK(next(lock, start) == kind::wait);
}

TEST_CASE("a renewal without an answer leaves the hold, and is preceded by a look the next time",
          "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(held_by(""), start);
  write(lock, kind::take, start);
  lock.sending();
  CHECK(lock.held_until(start + 5s) == start + 8s);
  CHECK(next(lock, start + 5s) == kind::look);
  lock.saw(held_by("me", "r1"), start + 5s);
  CHECK(lock.held_until(start + 5s) == start + 8s);  // seen is not written: it may be an old one
  CHECK(next(lock, start + 5s) == kind::renew);
}

TEST_CASE("a holder that finds another one in the Lease, or none at all, has lost it",
          "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(held_by(""), start);
  write(lock, kind::take, start);
  SECTION("another one") {
    lock.saw(held_by("other"), start + 1s);
  }
  SECTION("nobody") {
    lock.saw(held_by(""), start + 1s);
  }
  SECTION("deleted") {
    lock.saw(std::nullopt, start + 1s);
  }
  CHECK_FALSE(lock.held_until(start + 1s));
}

TEST_CASE("a write that the server stored under another holder is no hold", "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(held_by(""), start);
  lock.wrote(held_by("other"), start);
  CHECK_FALSE(lock.held_until(start));
}

TEST_CASE("a released lock is not held from then on, and nobody needs to wait for it",
          "[lease_lock]") {
  lease_lock lock = lock_of("me");
  lock.saw(held_by(""), start);
  write(lock, kind::take, start);
  lock.give_up();
  CHECK_FALSE(lock.held_until(start));
  const auto freed = lock.to_release(wall);
  REQUIRE(freed.has_value());
  CHECK(freed->holder.empty());
  CHECK(freed->resource_version == "2");
  lock.sending();
  CHECK_FALSE(lock.known());
  lock.wrote(*freed, start + 1s);
  CHECK_FALSE(lock.held_until(start + 1s));
  CHECK_FALSE(lock.to_release(wall));
  lease_lock other = lock_of("other");
  other.saw(*freed, start + 1s);
  CHECK(next(other, start + 1s) == kind::take);
}
