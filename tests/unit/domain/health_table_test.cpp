// The table "state of the broker: /readyz, /livez", a test for each row, at the default level.
#include "agent/domain/health.hpp"
#include "agent/domain/probes.hpp"
#include "tests/support/broker_views.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using namespace warren::domain;
using namespace std::chrono_literals;

namespace {

const base::time_point start{1h};

struct answers {
  probe_answer readyz;
  probe_answer livez;
};

answers probes_at(const broker_view& broker, const health_clocks& clocks, base::time_point now,
                  const health_settings& settings = {}) {
  const auto report = evaluate_health(broker, clocks, settings, now);
  return {answer_probe(probe::readyz, report, settings.level, {}),
          answer_probe(probe::livez, report, settings.level, {})};
}

// One look at the broker by an agent that has just started, and what the probes say then.
answers first_look(const broker_view& broker, const health_settings& settings = {}) {
  return probes_at(broker, advance_clocks({}, broker, settings, start), start, settings);
}

// The clocks after looks every half second from `start` on.
health_clocks looked_for(const broker_view& broker, base::duration time,
                         health_clocks clocks = {}) {
  for (base::duration t{}; t <= time; t += 500ms) {
    clocks = advance_clocks(clocks, broker, {}, start + t);
  }
  return clocks;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("row: booting or joining, before it answers ping") {
  const auto a = first_look(testing::broker_without_link(link_state::away, start));
  CHECK(a.readyz.status == 503);
  CHECK(contains(a.readyz.body, "[-]ping failed: the broker is not in EPMD"));
  CHECK(a.livez.status == 200);
}

TEST_CASE("row: booting or joining, once it answers ping") {
  const auto a = first_look(testing::booting_broker(start));
  CHECK(a.readyz.status == 200);
  CHECK(a.livez.status == 200);
}

TEST_CASE("row: held back by the start gate, however long that takes") {
  broker_view broker = testing::broker_without_link(link_state::away, start);
  broker.held_back = "waiting for rabbit@rmq-1";
  const health_clocks clocks = looked_for(broker, 400s);
  const auto a = probes_at(broker, clocks, start + 400s);
  CHECK(a.readyz.status == 503);
  CHECK(contains(a.readyz.body, "held back by the start gate: waiting for rabbit@rmq-1"));
  CHECK(a.livez.status == 200);

  // Its time to boot counts from the gate's opening.
  broker.held_back.clear();
  health_clocks opened = clocks;
  opened.opened_at = start + 400s;
  CHECK(probes_at(broker, opened, start + 400s).livez.status == 200);
}

TEST_CASE("row: gate mode, running outside of the cluster of the record") {
  broker_view broker = testing::healthy_broker(start);
  broker.outside = "it runs alone, and waits for rabbit@rmq-0 to join it";
  const auto a = first_look(broker);
  CHECK(a.readyz.status == 503);
  CHECK(contains(a.readyz.body, "[-]cluster failed: it runs alone"));
  CHECK(a.livez.status == 200);
}

TEST_CASE("row: gate mode, never joined, and a new door is written") {
  broker_view broker = testing::booting_broker(start);
  broker.outdated_door = true;
  const auto a = first_look(broker);
  CHECK(a.livez.status == 503);
  CHECK(contains(a.livez.body, "[-]door failed"));

  // Once it is gone the next one reads the new door.
  broker.link.state = link_state::away;
  CHECK(first_look(broker).livez.status == 200);
}

TEST_CASE("row: running, all well") {
  for (const auto level :
       {readiness_level::ping, readiness_level::running, readiness_level::serving}) {
    const auto a = first_look(testing::healthy_broker(start), {.level = level});
    CHECK(a.readyz.status == 200);
    CHECK(a.readyz.body == "ok\n");
    CHECK(a.livez.status == 200);
  }
}

TEST_CASE("row: running, local alarm") {
  broker_view broker = testing::healthy_broker(start);
  broker.alarms.saw({{"memory"}}, start);
  const auto a = first_look(broker);
  CHECK(a.readyz.status == 200);
  CHECK(a.livez.status == 503);
  CHECK(contains(a.livez.body, "[-]local-alarms failed: memory alarm"));

  const auto reported = first_look(broker, {.alarms = alarm_policy::report});
  CHECK(reported.livez.status == 200);
}

TEST_CASE("row: running, local alarm that has not stood for the hold") {
  const health_settings settings{.alarm_hold = 60s};
  broker_view broker = testing::healthy_broker(start);
  broker.alarms.saw({{"disk"}}, start);
  health_clocks clocks;
  for (base::time_point now = start; now < start + 60s; now += 500ms) {
    broker = testing::healthy_broker(now);
    broker.alarms.saw({{"disk"}}, now);
    clocks = advance_clocks(clocks, broker, settings, now);
    REQUIRE(probes_at(broker, clocks, now, settings).livez.status == 200);
  }
  CHECK(probes_at(broker, clocks, start + 60s, settings).livez.status == 503);
}

TEST_CASE("row: running, a listener does not accept") {
  broker_view broker = testing::healthy_broker(start);
  broker.ports.value->front().accepts = false;
  broker.ports.value->front().problem = "connection refused";
  const auto a = first_look(broker);
  CHECK(a.readyz.status == 200);
  CHECK(a.livez.status == 503);
  CHECK(contains(a.livez.body, "port 5672 (amqp) does not accept connections: connection refused"));
  CHECK(first_look(broker, {.level = readiness_level::serving}).readyz.status == 503);
}

TEST_CASE("row: draining") {
  broker_view broker = testing::healthy_broker(start);
  broker.draining.saw(true, start);
  broker.ports.value->front().accepts = false;
  const auto a = first_look(broker);
  CHECK(a.readyz.status == 503);
  CHECK(contains(a.readyz.body, "[-]in-service failed: maintenance mode"));
  CHECK(a.livez.status == 200);
}

TEST_CASE("row: paused by pause_minority") {
  broker_view broker = testing::healthy_broker(start);
  broker.boot.saw(boot_state::stopped, start);
  broker.paused.saw(true, start);
  broker.ports.value->front().accepts = false;
  const auto a = first_look(broker);
  CHECK(a.readyz.status == 200);
  CHECK(a.livez.status == 200);
  CHECK(first_look(broker, {.level = readiness_level::running}).readyz.status == 503);
}

TEST_CASE("row: connection up, no answer for liveness.hang_timeout") {
  broker_view broker = testing::healthy_broker(start);
  broker.link.asked_at = start;
  const auto before = probes_at(broker, looked_for(broker, 29s), start + 29s);
  CHECK(before.readyz.status == 503);
  CHECK(contains(before.readyz.body, "the broker has not answered for 29s"));
  CHECK(before.livez.status == 200);
  const auto after = probes_at(broker, looked_for(broker, 30s), start + 30s);
  CHECK(after.readyz.status == 503);
  CHECK(after.livez.status == 503);
  CHECK(contains(after.livez.body, "[-]responsive failed: no answer for 30s"));
}

TEST_CASE("row: not in EPMD, or refused, longer than liveness.boot_timeout since it was lost") {
  const broker_view broker = testing::broker_without_link(link_state::away, start);
  CHECK(probes_at(broker, looked_for(broker, 300s), start + 300s).livez.status == 200);
  const auto late = probes_at(broker, looked_for(broker, 301s), start + 301s);
  CHECK(late.readyz.status == 503);
  CHECK(late.livez.status == 503);
  CHECK(contains(late.livez.body, "[-]boot failed: no broker for 5m1s"));
}

TEST_CASE("row: not in EPMD longer than liveness.boot_timeout, but the gate opened later") {
  const broker_view broker = testing::broker_without_link(link_state::away, start);
  health_clocks clocks = looked_for(broker, 400s);
  clocks.opened_at = start + 200s;
  CHECK(probes_at(broker, clocks, start + 400s).livez.status == 200);
}

TEST_CASE("row: a mistake that no restart cures") {
  for (const auto state : {link_state::cookie_rejected, link_state::tls_expected,
                           link_state::name_differs, link_state::not_allowed}) {
    const broker_view broker = testing::broker_without_link(state, start);
    const auto a = probes_at(broker, looked_for(broker, 1000s), start + 1000s);
    CHECK(a.readyz.status == 503);
    CHECK(contains(a.readyz.body, "[-]ping failed: the "));
    CHECK(a.livez.status == 200);
  }
}

TEST_CASE("row: the agent has just started and does not know yet") {
  for (const auto& clocks : {health_clocks{}, advance_clocks({}, {}, {}, start)}) {
    const auto a = probes_at({}, clocks, start);
    CHECK(a.readyz.status == 503);
    CHECK(contains(a.readyz.body, "[ ]ping unknown: not looked yet"));
    CHECK(a.livez.status == 200);
  }
}
