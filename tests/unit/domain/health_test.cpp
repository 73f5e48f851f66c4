#include "agent/domain/health.hpp"

#include "tests/support/broker_views.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using namespace warren::domain;
using namespace std::chrono_literals;

namespace {

const base::time_point start{1h};

check_result result_of(check what, const broker_view& broker, base::time_point now = start,
                       const health_settings& settings = {}) {
  const auto clocks = advance_clocks({}, broker, settings, now);
  return evaluate_health(broker, clocks, settings, now).at(static_cast<std::size_t>(what));
}

}  // namespace

TEST_CASE("every check has a name and stands in the report at its place") {
  const auto report = evaluate_health({}, {}, {}, start);
  REQUIRE(report.size() == 9);
  for (std::size_t i = 0; i < report.size(); ++i) {
    CHECK(static_cast<std::size_t>(report[i].what) == i);
    CHECK(check_named(name(report[i].what)) == report[i].what);
    CHECK(evaluate_health(testing::healthy_broker(start), advance_clocks({}, {}, {}, start), {},
                          start)[i]
              .what == report[i].what);
  }
  CHECK(check_named("local-alarms") == check::local_alarms);
  CHECK(check_named("local_alarms") == std::nullopt);
}

TEST_CASE("stop_app: ping passes, running fails, alarms and ports are unknown") {
  broker_view broker = testing::healthy_broker(start);
  broker.boot.saw(boot_state::stopped, start);
  const base::failure noproc{
      boost::system::errc::make_error_code(boost::system::errc::no_such_process)};
  broker.alarms.saw({{"memory"}}, start);
  broker.alarms.failed(noproc);
  broker.ports.value->front().accepts = false;
  CHECK(result_of(check::ping, broker).result == outcome::pass);
  CHECK(result_of(check::running, broker).result == outcome::fail);
  CHECK(result_of(check::running, broker).reason.find("start_app") != std::string::npos);
  CHECK(result_of(check::local_alarms, broker).result == outcome::unknown);
  CHECK(result_of(check::port_connectivity, broker).result == outcome::unknown);
  CHECK(result_of(check::in_service, broker).result == outcome::pass);
}

TEST_CASE("a paused broker does not run, says why, and is in service") {
  broker_view broker = testing::healthy_broker(start);
  broker.boot.saw(boot_state::stopped, start);
  broker.paused.saw(true, start);
  CHECK(result_of(check::running, broker).result == outcome::fail);
  CHECK(result_of(check::running, broker).reason.find("paused") != std::string::npos);
  CHECK(result_of(check::in_service, broker).result == outcome::pass);
}

TEST_CASE("a booting and a stopping broker do not run") {
  for (const auto state : {boot_state::booting, boot_state::core_started, boot_state::stopping}) {
    broker_view broker = testing::healthy_broker(start);
    broker.boot.saw(state, start);
    CHECK(result_of(check::running, broker).result == outcome::fail);
  }
}

TEST_CASE("a broker that is away does not run; whether a silent one does is not known") {
  const auto away = testing::broker_without_link(link_state::away, start);
  CHECK(result_of(check::running, away).result == outcome::fail);
  broker_view silent = testing::healthy_broker(start);
  silent.link.state = link_state::silent;
  CHECK(result_of(check::ping, silent).result == outcome::fail);
  CHECK(result_of(check::running, silent).result == outcome::unknown);
  CHECK(result_of(check::local_alarms, silent).result == outcome::unknown);
}

TEST_CASE("an observation older than its check may claim is unknown, and says how old it is") {
  const base::time_point now = start + 5500ms;
  broker_view broker = testing::healthy_broker(start);
  broker.link.last_answer = now;
  CHECK(result_of(check::running, broker, now).result == outcome::unknown);
  CHECK(result_of(check::running, broker, now).reason == "the boot state was last seen 5.5s ago");

  broker.boot.confirmed(now);
  CHECK(result_of(check::running, broker, now).result == outcome::pass);
  CHECK(result_of(check::in_service, broker, now).result == outcome::unknown);
  CHECK(result_of(check::local_alarms, broker, now).result == outcome::unknown);
  CHECK(result_of(check::port_connectivity, broker, now).result == outcome::pass);
  CHECK(result_of(check::port_connectivity, broker, now).age == 5500ms);
  CHECK(result_of(check::local_alarms, broker, now, {.stale_after = 6s}).result == outcome::pass);

  broker.boot.confirmed(start + 31s);
  CHECK(result_of(check::port_connectivity, broker, start + 31s).result == outcome::unknown);
}

TEST_CASE("reasons say how old what they rest on is") {
  const base::time_point now = start + 200ms;
  const broker_view broker = testing::healthy_broker(start);
  CHECK(result_of(check::ping, broker, now).reason == "answered 0.2s ago");
  CHECK(result_of(check::running, broker, now).reason == "seen 0.2s ago");
  CHECK(result_of(check::ping, broker, now).age == 200ms);
}

TEST_CASE("a look that failed keeps the value until it is stale, and then says why") {
  broker_view broker = testing::healthy_broker(start);
  broker.alarms.failed(
      {boost::system::errc::make_error_code(boost::system::errc::timed_out), "rpc"});
  CHECK(result_of(check::local_alarms, broker, start + 1s).result == outcome::pass);
  broker.boot.confirmed(start + 6s);
  const check_result late = result_of(check::local_alarms, broker, start + 6s);
  CHECK(late.result == outcome::unknown);
  CHECK(late.reason.find("rpc: ") != std::string::npos);
}

TEST_CASE("all alarms are named, with what they do") {
  broker_view broker = testing::healthy_broker(start);
  broker.alarms.saw({{"disk"}, {"file_descriptor_limit"}, {"memory"}, {"other"}}, start);
  const check_result r = result_of(check::local_alarms, broker);
  CHECK(r.result == outcome::fail);
  for (const char* resource : {"disk alarm", "file_descriptor_limit alarm", "memory alarm"}) {
    CHECK(r.reason.find(resource) != std::string::npos);
  }
}

TEST_CASE("many closed ports make a short answer") {
  broker_view broker = testing::healthy_broker(start);
  std::vector<port_view> ports(1000, {{"amqp", "::", 5672}, false, ""});
  broker.ports.saw(ports, start);
  const check_result r = result_of(check::port_connectivity, broker);
  CHECK(r.result == outcome::fail);
  CHECK(r.reason.size() < 700);
  CHECK(r.reason.find("and 992 more") != std::string::npos);
}

TEST_CASE("a broker without listeners has none that fails") {
  broker_view broker = testing::healthy_broker(start);
  broker.ports.saw({}, start);
  CHECK(result_of(check::port_connectivity, broker).result == outcome::pass);
}
