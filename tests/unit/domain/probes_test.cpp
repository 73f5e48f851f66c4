#include "agent/domain/probes.hpp"

#include "tests/support/broker_views.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using namespace warren::domain;
using namespace std::chrono_literals;

namespace {

const base::time_point start{1h};

std::vector<check_result> report_of(const broker_view& broker) {
  return evaluate_health(broker, advance_clocks({}, broker, {}, start), {}, start);
}

probe_answer readyz(const broker_view& broker, const probe_query& query) {
  return answer_probe(probe::readyz, report_of(broker), readiness_level::ping, query);
}
probe_answer livez(const broker_view& broker, const probe_query& query) {
  return answer_probe(probe::livez, report_of(broker), readiness_level::ping, query);
}

broker_view alarmed() {
  broker_view broker = testing::healthy_broker(start);
  broker.alarms.saw({{"memory"}}, start);
  return broker;
}

}  // namespace

TEST_CASE("readyz rests on more checks at each level, livez on the same") {
  using enum check;
  CHECK(checks_of(probe::readyz, readiness_level::ping) == std::vector{ping, in_service, cluster});
  CHECK(checks_of(probe::readyz, readiness_level::running) ==
        std::vector{ping, in_service, cluster, running});
  CHECK(checks_of(probe::readyz, readiness_level::serving) ==
        std::vector{ping, in_service, cluster, running, port_connectivity});
  for (const auto level :
       {readiness_level::ping, readiness_level::running, readiness_level::serving}) {
    CHECK(checks_of(probe::livez, level) ==
          std::vector{responsive, boot, door, local_alarms, port_connectivity});
  }
}

TEST_CASE("a good answer is ok, and verbose has a line for each check") {
  CHECK(readyz(testing::healthy_broker(start), {}).body == "ok\n");
  const probe_answer verbose = readyz(testing::healthy_broker(start), {.verbose = true});
  CHECK(verbose.status == 200);
  CHECK(verbose.body ==
        "[+]ping ok (answered 0.0s ago)\n"
        "[+]in-service ok (seen 0.0s ago)\n"
        "[+]cluster ok\n"
        "readyz check passed\n");
}

TEST_CASE("a bad answer has the failed checks alone, verbose has all") {
  const std::string failed =
      "[-]local-alarms failed: memory alarm for 0.0s: publishers are blocked until memory use "
      "falls, seen 0.0s ago\n";
  CHECK(livez(alarmed(), {}).status == 503);
  CHECK(livez(alarmed(), {}).body == failed + "livez check failed\n");
  CHECK(livez(alarmed(), {.verbose = true}).body ==
        "[+]responsive ok\n[+]boot ok\n[+]door ok\n" + failed +
            "[+]port-connectivity ok (seen 0.0s ago)\nlivez check failed\n");
}

TEST_CASE("what is not known fails readiness and passes liveness") {
  const probe_answer ready = readyz({}, {});
  CHECK(ready.status == 503);
  CHECK(ready.body.find("[ ]ping unknown: not looked yet") == 0);
  const probe_answer live = livez({}, {.verbose = true});
  CHECK(live.status == 200);
  CHECK(live.body.find("[ ]responsive unknown: not looked yet\n") == 0);
  CHECK(live.body.find("livez check passed\n") != std::string::npos);
}

TEST_CASE("an excluded check passes and is shown as excluded") {
  const probe_answer a = livez(alarmed(), {.verbose = true, .exclude = {"local-alarms"}});
  CHECK(a.status == 200);
  CHECK(a.body.find("[+]local-alarms excluded: ok\n") != std::string::npos);
  CHECK(a.body.find("livez check passed\n") != std::string::npos);
}

TEST_CASE("an exclude that matches nothing is warned of and changes nothing") {
  const probe_query query{.verbose = true, .exclude = {"no-such", "ping"}};
  const probe_answer a = livez(alarmed(), query);
  CHECK(a.status == 503);
  CHECK(a.body.find("warn: some health checks cannot be excluded: no matches for "
                    "\"no-such\",\"ping\"\nlivez check failed\n") != std::string::npos);
  CHECK(livez(testing::healthy_broker(start), {.exclude = {"no-such"}}).body == "ok\n");
}

TEST_CASE("a single check is answered by itself, also one that the probe does not rest on") {
  const broker_view broker = testing::booting_broker(start);
  CHECK(readyz(broker, {.only = "ping"}).body == "ok\n");
  CHECK(readyz(broker, {.verbose = true, .only = "ping"}).body ==
        "[+]ping ok (answered 0.0s ago)\n");
  CHECK(readyz(broker, {.only = "running"}).status == 503);
  CHECK(readyz(broker, {.only = "running"}).body ==
        "[-]running failed: the broker is booting, seen 0.0s ago\n");
  CHECK(readyz(broker, {.only = "local-alarms"}).status == 503);
  CHECK(livez(broker, {.only = "local-alarms"}).status == 200);
}

TEST_CASE("a check that does not exist is 404 and says which there are") {
  const probe_answer a = readyz(testing::healthy_broker(start), {.only = "pong"});
  CHECK(a.status == 404);
  CHECK(a.body ==
        "no check \"pong\"; there are ping, running, in-service, cluster, responsive, boot, door, "
        "local-alarms, "
        "port-connectivity\n");
}

TEST_CASE("foreign words in an answer are made harmless and short") {
  const std::string bad = "a\r\n\x01" + std::string(100000, 'x');
  const probe_answer single = readyz({}, {.only = bad});
  CHECK(single.body.size() < 300);
  CHECK(single.body.find("\"a???xxx") != std::string::npos);
  const probe_answer many = readyz({}, {.exclude = std::vector<std::string>(1000, bad)});
  CHECK(many.body.size() < 1500);
}
