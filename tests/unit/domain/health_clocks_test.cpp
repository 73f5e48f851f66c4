#include "agent/domain/health.hpp"
#include "tests/support/broker_views.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using namespace warren::domain;
using namespace std::chrono_literals;

namespace {

const base::time_point start{1h};

// Looks at `broker` every half second in [from, to].
health_clocks look(health_clocks clocks, const broker_view& broker, base::time_point from,
                   base::time_point to) {
  for (base::time_point now = from; now <= to; now += 500ms) {
    clocks = advance_clocks(clocks, broker, {}, now);
  }
  return clocks;
}

outcome verdict(check what, const broker_view& broker, const health_clocks& clocks,
                base::time_point now, const health_settings& settings = {}) {
  return evaluate_health(broker, clocks, settings, now).at(static_cast<std::size_t>(what)).result;
}

}  // namespace

TEST_CASE("the hang clock runs on over reconnects and over a worker that starts anew") {
  broker_view broker = testing::healthy_broker(start);
  broker.link.asked_at = start;
  health_clocks clocks = look({}, broker, start, start + 10s);
  CHECK(clocks.silent_since == start);

  broker.link.state = link_state::silent;  // the connection was thrown away, the handshake hangs
  clocks = look(clocks, broker, start + 10s, start + 15s);
  broker_view nothing_yet;  // another worker: no link, no last answer
  clocks = look(clocks, nothing_yet, start + 15s, start + 17s);
  CHECK(clocks.silent_since == start);

  broker_view again = testing::broker_without_link(link_state::silent, start + 17s);
  clocks = look(clocks, again, start + 17s, start + 30s);
  CHECK(verdict(check::responsive, again, clocks, start + 30s) == outcome::fail);
}

TEST_CASE("a worker that starts anew beside a hung broker still says so before its first look") {
  health_clocks clocks;
  clocks.silent_since = start;
  clocks = advance_clocks(clocks, {}, {}, start + 40s);
  CHECK(verdict(check::responsive, {}, clocks, start + 40s) == outcome::fail);
}

TEST_CASE("one answer ends the silence at once") {
  broker_view broker = testing::healthy_broker(start);
  broker.link.asked_at = start;
  health_clocks clocks = look({}, broker, start, start + 40s);
  CHECK(verdict(check::responsive, broker, clocks, start + 40s) == outcome::fail);
  broker.link.last_answer = start + 40s;
  clocks = advance_clocks(clocks, broker, {}, start + 40s);
  CHECK_FALSE(clocks.silent_since);
  CHECK(verdict(check::responsive, broker, clocks, start + 40s) == outcome::pass);
  CHECK(verdict(check::ping, broker, clocks, start + 40s) == outcome::pass);
}

TEST_CASE("a broker that ends is not hung any more, and its boot clock starts") {
  broker_view broker = testing::healthy_broker(start);
  health_clocks clocks = look({}, broker, start, start + 20s);
  broker.link.state = link_state::away;
  clocks = advance_clocks(clocks, broker, {}, start + 21s);
  CHECK_FALSE(clocks.silent_since);
  CHECK(clocks.lost_at == start + 21s);
}

TEST_CASE("the boot clock starts anew with each loss and runs on over a new worker") {
  const broker_view away = testing::broker_without_link(link_state::away, start);
  health_clocks clocks = look({}, away, start, start + 200s);
  clocks = look(clocks, {}, start + 200s, start + 203s);
  CHECK(clocks.lost_at == start);
  clocks = advance_clocks(clocks, testing::booting_broker(start + 203s), {}, start + 203s);
  CHECK_FALSE(clocks.lost_at);
  clocks = look(clocks, away, start + 204s, start + 400s);
  CHECK(clocks.lost_at == start + 204s);
  CHECK(verdict(check::boot, away, clocks, start + 400s) == outcome::pass);
}

TEST_CASE("a healthy broker leaves no clock running") {
  health_clocks clocks;
  for (base::time_point now = start; now < start + 60s; now += 500ms) {
    clocks = advance_clocks(clocks, testing::healthy_broker(now), {}, now);
  }
  health_clocks idle;
  idle.looked_at = clocks.looked_at;
  idle.creation = 7;
  CHECK(clocks == idle);
}

TEST_CASE("an agent that was stopped for a minute makes no verdict of it") {
  broker_view broker = testing::healthy_broker(start);
  broker.link.asked_at = start;
  health_clocks clocks = look({}, broker, start, start + 1s);
  const base::time_point resumed = start + 61s;

  // A probe that comes before the first look: nothing is known, and nobody is restarted.
  CHECK(verdict(check::ping, broker, clocks, resumed) == outcome::unknown);
  CHECK(verdict(check::responsive, broker, clocks, resumed) == outcome::unknown);

  // The first look, before any answer has come in.
  clocks = advance_clocks(clocks, broker, {}, resumed);
  CHECK(verdict(check::ping, broker, clocks, resumed) == outcome::pass);
  CHECK(verdict(check::responsive, broker, clocks, resumed) == outcome::pass);

  // If it hangs indeed, the time counts from there.
  clocks = look(clocks, broker, resumed, resumed + 29s);
  CHECK(verdict(check::responsive, broker, clocks, resumed + 29s) == outcome::pass);
  clocks = look(clocks, broker, resumed + 29s, resumed + 30s);
  CHECK(verdict(check::responsive, broker, clocks, resumed + 30s) == outcome::fail);
}

TEST_CASE("a gap moves every clock forward by itself and not beyond the present") {
  broker_view broker = testing::broker_without_link(link_state::away, start);
  health_clocks clocks;
  clocks.opened_at = start - 10s;
  clocks = look(clocks, broker, start, start + 100s);
  clocks = advance_clocks(clocks, broker, {}, start + 300s);
  CHECK(clocks.opened_at == start + 190s);
  CHECK(clocks.lost_at == start + 200s);

  broker_view alarmed = testing::healthy_broker(start);
  alarmed.link.asked_at = start;
  alarmed.alarms.saw({{"memory"}}, start);
  clocks = look({}, alarmed, start, start + 20s);
  CHECK(clocks.silent_since == start);
  clocks = advance_clocks(clocks, alarmed, {}, start + 1000s);
  CHECK(clocks.silent_since == start + 980s);
  CHECK(clocks.alarm_since.at("memory") == start + 980s);
}

TEST_CASE("looks that are late by less than the limit count") {
  broker_view broker = testing::healthy_broker(start);
  broker.link.asked_at = start;
  health_clocks clocks;
  for (base::time_point now = start; now <= start + 30s; now += 5s) {
    clocks = advance_clocks(clocks, broker, {}, now);
  }
  CHECK(verdict(check::responsive, broker, clocks, start + 30s) == outcome::fail);
}

TEST_CASE("each alarm has its own clock, which ends with the alarm") {
  broker_view broker = testing::healthy_broker(start);
  broker.alarms.saw({{"memory"}}, start);
  health_clocks clocks = advance_clocks({}, broker, {}, start);
  broker.alarms.saw({{"disk"}, {"memory"}}, start + 1s);
  clocks = advance_clocks(clocks, broker, {}, start + 1s);
  CHECK(clocks.alarm_since.at("memory") == start);
  CHECK(clocks.alarm_since.at("disk") == start + 1s);
  broker.alarms.saw({{"disk"}}, start + 2s);
  clocks = advance_clocks(clocks, broker, {}, start + 2s);
  CHECK(clocks.alarm_since.size() == 1);
  clocks = advance_clocks(clocks, {}, {}, start + 3s);  // another worker, nothing seen yet
  CHECK(clocks.alarm_since.at("disk") == start + 1s);
}

TEST_CASE("another incarnation of the broker does not inherit the alarms of the old one") {
  broker_view broker = testing::healthy_broker(start);
  broker.alarms.saw({{"memory"}}, start);
  health_clocks clocks = advance_clocks({}, broker, {}, start);
  broker_view restarted = testing::booting_broker(start + 1s);
  restarted.link.creation = 8;
  clocks = advance_clocks(clocks, restarted, {}, start + 1s);
  CHECK(clocks.alarm_since.empty());
}

TEST_CASE("a broker that is asked seldom and answers each time is never silent") {
  broker_view broker = testing::healthy_broker(start);
  health_clocks clocks;
  for (base::time_point now = start; now < start + 60s; now += 10s) {
    broker.link.asked_at = now;
    broker.link.last_answer = now + 1ms;
    clocks = look(clocks, broker, now, now + 10s);
    CHECK_FALSE(clocks.silent_since);
  }
}

TEST_CASE("what tells nothing about the broker leaves its clocks running and makes no verdict") {
  broker_view broker = testing::healthy_broker(start);
  broker.link.asked_at = start;
  health_clocks clocks = look({}, broker, start, start + 20s);
  broker.link.state = link_state::unclear;
  clocks = look(clocks, broker, start + 20s, start + 40s);
  CHECK(clocks.silent_since == start);
  CHECK(verdict(check::responsive, broker, clocks, start + 40s) == outcome::unknown);
  CHECK(verdict(check::ping, broker, clocks, start + 40s) == outcome::fail);
  broker.link.state = link_state::silent;
  clocks = look(clocks, broker, start + 40s, start + 41s);
  CHECK(verdict(check::responsive, broker, clocks, start + 41s) == outcome::fail);
}

TEST_CASE("a broker that is silent now and then while it is away is away all the time") {
  broker_view broker = testing::broker_without_link(link_state::away, start);
  health_clocks clocks = look({}, broker, start, start + 200s);
  broker.link.state = link_state::silent;
  broker.link.since = start + 200s;
  clocks = look(clocks, broker, start + 200s, start + 210s);
  CHECK(clocks.lost_at == start);
  broker.link.state = link_state::away;
  clocks = look(clocks, broker, start + 210s, start + 301s);
  CHECK(verdict(check::boot, broker, clocks, start + 301s) == outcome::fail);
}

TEST_CASE("an alarm that stands keeps its clock while the link to the same broker is lost") {
  broker_view broker = testing::healthy_broker(start);
  broker.alarms.saw({{"disk"}}, start);
  health_clocks clocks = advance_clocks({}, broker, {}, start);
  broker.link.state = link_state::away;
  broker.alarms.failed({});
  clocks = look(clocks, broker, start, start + 3s);
  broker.link.state = link_state::connected;
  broker.alarms.saw({{"disk"}}, start + 4s);
  clocks = advance_clocks(clocks, broker, {}, start + 4s);
  CHECK(clocks.alarm_since.at("disk") == start);
}
