#include "agent/domain/supervision.hpp"

#include "tests/support/catch.hpp"

#include <vector>

using namespace std::chrono_literals;
using namespace warren;
using domain::guard_action;
using domain::supervision;
using domain::worker_end;

namespace {

// A guard without processes, in virtual time.
struct guard_run {
  base::time_point now{};
  supervision machine{domain::supervision_settings{}, now};
  std::vector<guard_action> done;

  guard_action act() {
    const guard_action action = machine.next(now);
    if (action == guard_action::start_worker) machine.worker_started(now);
    if (action != guard_action::wait) done.push_back(action);
    return action;
  }
  // Time passes in the guard's own steps.
  void pass(base::duration length, bool heartbeats = true) {
    const base::time_point end = now + length;
    while (now < end) {
      now = std::min(machine.look_at(now), end);
      if (heartbeats) machine.heartbeat(now);
      act();
    }
  }
  base::duration delay_after_end() {
    const base::time_point ended = now;
    machine.worker_ended(now);
    while (act() != guard_action::start_worker) now = machine.look_at(now);
    return now - ended;
  }
};

}  // namespace

TEST_CASE("a worker is started at once and left alone while its heart beats") {
  guard_run run;
  CHECK(run.act() == guard_action::start_worker);
  run.pass(1h);
  CHECK(run.done == std::vector{guard_action::start_worker});
}

TEST_CASE("a worker that ended is replaced at once, then with a doubling delay up to a second") {
  guard_run run;
  run.act();
  std::vector<base::duration> delays;
  for (int n = 0; n < 9; ++n) delays.push_back(run.delay_after_end());
  CHECK(delays == std::vector<base::duration>{0ms, 0ms, 50ms, 100ms, 200ms, 400ms, 800ms, 1s, 1s});
  run.pass(11s);
  CHECK(run.delay_after_end() == 0ms);
  CHECK(run.delay_after_end() == 0ms);
  CHECK(run.delay_after_end() == 50ms);
}

TEST_CASE("a worker that cannot be started is tried again with the same delays") {
  guard_run run;
  std::vector<base::duration> waits;
  for (int n = 0; n < 4; ++n) {
    const base::time_point before = run.now;
    while (run.machine.next(run.now) != guard_action::start_worker) {
      run.now = run.machine.look_at(run.now);
    }
    waits.push_back(run.now - before);
    CHECK(run.machine.worker_ended(run.now) == worker_end::unexpected);
  }
  CHECK(waits == std::vector<base::duration>{0ms, 0ms, 0ms, 50ms});
}

TEST_CASE("a worker without heartbeat for five seconds is killed and replaced") {
  guard_run run;
  run.act();
  run.pass(10s);
  run.pass(4900ms, false);
  CHECK(run.done.size() == 1);
  run.pass(600ms, false);
  CHECK(run.done.back() == guard_action::kill_worker);
  CHECK(run.machine.worker_ended(run.now) == worker_end::hung);
  CHECK(run.act() == guard_action::start_worker);
}

TEST_CASE("a heartbeat starts the count of silence anew") {
  guard_run run;
  run.act();
  for (int n = 0; n < 10; ++n) {
    run.pass(4s, false);
    run.machine.heartbeat(run.now);
  }
  CHECK(run.done.size() == 1);
}

TEST_CASE("time in which the guard did not run is not silence of the worker") {
  guard_run run;
  run.act();
  run.pass(2s, false);
  run.now += 1h;  // both were stopped, or the machine slept
  CHECK(run.act() == guard_action::wait);
  run.pass(1500ms, false);
  CHECK(run.done.size() == 1);
  run.pass(1s, false);
  CHECK(run.done.back() == guard_action::kill_worker);
}

TEST_CASE("the first SIGTERM lets the worker end, and the guard leaves when it has") {
  guard_run run;
  run.act();
  run.machine.stop(run.now);
  CHECK(run.act() == guard_action::terminate_worker);
  run.pass(100ms);
  CHECK(run.machine.worker_ended(run.now) == worker_end::asked);
  CHECK(run.act() == guard_action::leave);
}

TEST_CASE("a worker that does not end is killed in time for the whole to end under a second") {
  guard_run run;
  run.act();
  const base::time_point asked = run.now;
  run.machine.stop(run.now);
  SECTION("it ignores SIGTERM") {
    while (run.act() != guard_action::kill_worker) run.now = run.machine.look_at(run.now);
    CHECK(run.now - asked == 800ms);
  }
  SECTION("it does not even go when killed") {
    while (run.act() != guard_action::leave) run.now = run.machine.look_at(run.now);
    CHECK(run.now - asked == 900ms);
  }
}

TEST_CASE("a second SIGTERM kills the worker and leaves at once") {
  guard_run run;
  run.act();
  run.machine.stop(run.now);
  const bool together = GENERATE(true, false);
  if (!together) run.act();
  run.machine.stop(run.now);
  CHECK(run.act() == guard_action::kill_worker);
  CHECK(run.act() == guard_action::leave);
}

TEST_CASE("a guard without a worker leaves at once") {
  guard_run run;
  run.machine.stop(run.now);
  CHECK(run.act() == guard_action::leave);
}

TEST_CASE("SIGTERM while a hung worker is being killed") {
  guard_run run;
  run.act();
  while (run.act() != guard_action::kill_worker) run.now = run.machine.look_at(run.now);
  run.machine.stop(run.now);
  CHECK(run.act() == guard_action::wait);
  run.now = run.machine.look_at(run.now);
  CHECK(run.act() == guard_action::leave);
}

TEST_CASE("new settings replace the worker without a delay and without blame") {
  guard_run run;
  run.act();
  for (int n = 0; n < 5; ++n) {
    run.machine.replace();
    CHECK(run.act() == guard_action::terminate_worker);
    run.pass(20ms);
    CHECK(run.machine.worker_ended(run.now) == worker_end::asked);
    CHECK(run.act() == guard_action::start_worker);
  }
  SECTION("and one that does not end is killed") {
    run.machine.replace();
    run.act();
    run.pass(850ms);
    CHECK(run.done.back() == guard_action::kill_worker);
    CHECK(run.machine.worker_ended(run.now) == worker_end::asked);
    CHECK(run.act() == guard_action::start_worker);
  }
}
