#include "agent/metrics.hpp"

#include "agent/metric_table.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <set>

using namespace std::chrono_literals;
using namespace warren;
using agent::metrics;
using agent::metrics_format;

namespace {

const base::time_point now{1h};

domain::world_view healthy_world() {
  domain::world_view world;
  world.broker.link.state = domain::link_state::connected;
  world.broker.alarms.saw({}, now);
  world.broker.ports.saw({{{"amqp", "::", 5672}, true, ""}}, now);
  world.broker.cluster.saw({{"rabbit@a", "rabbit@b"}, {"rabbit@a", "rabbit@b"}, {}}, now);
  domain::peer_list peers;
  peers.peers.resize(2);
  world.peers.saw(peers, now - 3s);
  world.expected_members.saw(3, now);
  return world;
}

domain::check_result result_of(domain::check what, domain::outcome result) {
  domain::check_result it;
  it.what = what;
  it.result = result;
  return it;
}

bool has_line(const metrics& values, const std::string& line) {
  return ("\n" + values.text(metrics_format::text, now)).find("\n" + line + "\n") !=
         std::string::npos;
}
bool mentions(const metrics& values, const std::string& name) {
  return values.text(metrics_format::text, now).find(name) != std::string::npos;
}

}  // namespace

TEST_CASE("each metric stands in the table at its place, with a name by the rules") {
  std::set<std::string_view> names;
  std::size_t place = 0;
  for (const agent::metric_definition& definition : agent::metric_definitions()) {
    CAPTURE(definition.name);
    CHECK(static_cast<std::size_t>(definition.id) == place++);
    CHECK(names.insert(definition.name).second);
    CHECK((definition.name.starts_with("warren_") || definition.name.starts_with("process_")));
    CHECK(definition.name.ends_with("_total") == (definition.kind == agent::metric_kind::counter));
    CHECK(definition.help.find_first_of("\\\n|") == std::string_view::npos);
  }
  CHECK(place == static_cast<std::size_t>(agent::metric::process_max_fds) + 1);
}

TEST_CASE("README's table has a line for each metric") {
  const std::string table = agent::metrics_markdown();
  CHECK(table.find("| `warren_listener_accepts` | gauge | `port`, `protocol` | 1 if") !=
        std::string::npos);
  CHECK(static_cast<std::size_t>(std::count(table.begin(), table.end(), '\n')) ==
        2 + agent::metric_definitions().size());
}

TEST_CASE("a new agent shows counters at 0 and nothing that it does not know") {
  const metrics values("1.2.3", {.exited = 1, .crashed = 2, .hung = 3, .reloaded = 4});
  CHECK(has_line(values, "warren_build_info{version=\"1.2.3\"} 1"));
  CHECK(has_line(values, "warren_worker_restarts_total{reason=\"crashed\"} 2"));
  CHECK(has_line(values, "warren_worker_restarts_total{reason=\"hung\"} 3"));
  CHECK(has_line(values, "warren_events_total{result=\"written\"} 0"));
  CHECK_FALSE(mentions(values, "warren_broker_up"));
  CHECK_FALSE(mentions(values, "warren_peer_discovery_age_seconds"));
  CHECK(mentions(values, "process_resident_memory_bytes "));
}

TEST_CASE("a healthy broker's metrics") {
  metrics values("0", {});
  values.show(healthy_world());
  CHECK(has_line(values, "warren_link_connected 1"));
  CHECK(has_line(values, "warren_link_state{state=\"connected\"} 1"));
  CHECK(has_line(values, "warren_link_state{state=\"away\"} 0"));
  CHECK(has_line(values, "warren_alarm_active{alarm=\"memory\"} 0"));
  CHECK(has_line(values, "warren_listener_accepts{port=\"5672\",protocol=\"amqp\"} 1"));
  CHECK(has_line(values, "warren_cluster_members{state=\"expected\"} 3"));
  CHECK(has_line(values, "warren_cluster_members{state=\"running\"} 2"));
  CHECK(has_line(values, "warren_peers 2"));
  CHECK(has_line(values, "warren_peer_discovery_age_seconds 3"));
}

TEST_CASE("what is no longer known vanishes, and what is gone too") {
  metrics values("0", {});
  domain::world_view world = healthy_world();
  values.show(world);
  world.broker.ports.saw({{{"mqtt", "::", 1883}, true, ""}}, now);
  values.show(world);
  CHECK_FALSE(mentions(values, "port=\"5672\""));
  CHECK(mentions(values, "port=\"1883\""));
  world.broker.link.state = domain::link_state::away;
  values.show(world);
  CHECK(has_line(values, "warren_link_connected 0"));
  CHECK_FALSE(mentions(values, "warren_listener_accepts"));
  CHECK_FALSE(mentions(values, "warren_alarm_active"));
  CHECK_FALSE(mentions(values, "state=\"running\""));
  CHECK(has_line(values, "warren_cluster_members{state=\"expected\"} 3"));
}

TEST_CASE("alarms and closed listeners show") {
  metrics values("0", {});
  domain::world_view world = healthy_world();
  world.broker.alarms.saw({{"disk"}, {"something new"}}, now);
  world.broker.ports.saw({{{"amqp", "::", 5672}, true, ""}, {{"amqp", "::1", 5672}, false, "no"}},
                         now);
  values.show(world);
  CHECK(has_line(values, "warren_alarm_active{alarm=\"disk\"} 1"));
  CHECK(has_line(values, "warren_alarm_active{alarm=\"other\"} 1"));
  CHECK(has_line(values, "warren_listener_accepts{port=\"5672\",protocol=\"amqp\"} 0"));
}

TEST_CASE("names and numbers from a hostile broker stay bounded and printable") {
  metrics values("0", {});
  domain::world_view world = healthy_world();
  std::vector<domain::port_view> ports;
  for (std::uint16_t n = 1; n < 1000; ++n) {
    ports.push_back({{"a\nb\xff" + std::string(1000, 'x'), "::", n}, true, ""});
  }
  world.broker.ports.saw(ports, now);
  values.show(world);
  const std::string text = values.text(metrics_format::text, now);
  CHECK(text.size() < 20000);
  CHECK(text.find("protocol=\"a_b_xxx") != std::string::npos);
}

TEST_CASE("a check passes, fails or is not known") {
  metrics values("0", {});
  values.show(std::vector{result_of(domain::check::ping, domain::outcome::pass),
                          result_of(domain::check::running, domain::outcome::fail),
                          result_of(domain::check::local_alarms, domain::outcome::unknown)});
  CHECK(has_line(values, "warren_check_status{check=\"ping\"} 1"));
  CHECK(has_line(values, "warren_check_status{check=\"running\"} 0"));
  CHECK(has_line(values, "warren_check_status{check=\"local-alarms\"} -1"));
  CHECK(has_line(values, "warren_broker_up 1"));
  values.show(std::vector{result_of(domain::check::ping, domain::outcome::unknown)});
  CHECK_FALSE(mentions(values, "warren_broker_up"));
}

TEST_CASE("the counters of a part that begins anew go on") {
  metrics values("0", {});
  values.show(agent::totals{.reconnects = 1, .calls = 10});
  values.show(agent::totals{.reconnects = 1, .calls = 15});
  values.show(agent::totals{.reconnects = 0, .calls = 3});
  CHECK(has_line(values, "warren_link_calls_total 18"));
  CHECK(has_line(values, "warren_link_reconnects_total 1"));
}

TEST_CASE("what the tasks did is counted") {
  metrics values("0", {});
  values.count_probe("/readyz", 503);
  values.count_probe("/readyz", 503);
  values.count_probe("/nonsense", 404);
  values.count_look("local-alarms", 5ms, true);
  values.count_look("local-alarms", 2s, false);
  agent::totals counted{.failed_discoveries = 1, .file_writes = 1, .events_denied = 1};
  counted.kubernetes_requests[{"watch", 0}] = 1;
  values.show(counted);
  CHECK_FALSE(mentions(values, "warren_kubernetes_last_success_timestamp_seconds"));
  counted.kubernetes_requests[{"list", 200}] = 1;
  counted.kubernetes_last_success = base::wall_time(1700000000s);
  values.show(counted);
  values.show_loop_lag(20ms);
  values.show_formation(12s);
  CHECK(has_line(values, "warren_probe_requests_total{code=\"503\",endpoint=\"/readyz\"} 2"));
  CHECK(has_line(values, "warren_probe_requests_total{code=\"404\",endpoint=\"other\"} 1"));
  CHECK(has_line(values, "warren_check_runs_total{check=\"local-alarms\"} 2"));
  CHECK(has_line(values, "warren_check_failures_total{check=\"local-alarms\"} 1"));
  CHECK(has_line(values, "warren_check_duration_seconds{check=\"local-alarms\"} 2"));
  CHECK(has_line(values, "warren_peer_discovery_requests_total{result=\"failure\"} 1"));
  CHECK(has_line(values, "warren_peers_file_writes_total{result=\"success\"} 1"));
  CHECK(has_line(values, "warren_events_total{result=\"denied\"} 1"));
  CHECK(has_line(values, "warren_kubernetes_requests_total{code=\"none\",verb=\"watch\"} 1"));
  CHECK(has_line(values, "warren_kubernetes_last_success_timestamp_seconds 1700000000"));
  CHECK(has_line(values, "warren_loop_lag_seconds 0.02"));
  CHECK(has_line(values, "warren_cluster_formation_seconds 12"));
}

TEST_CASE("groups, brokers outside, partitions and members without a pod are counted while seen") {
  metrics values("0", {});
  values.show(domain::cluster_picture{.groups = {{"a", "b"}, {"c"}},
                                      .outside = {"c"},
                                      .partitioned = {"a from c", "b from c"},
                                      .without_pod = {"d"},
                                      .pods_known = true});
  CHECK(has_line(values, "warren_cluster_groups 2"));
  CHECK(has_line(values, "warren_cluster_outside 1"));
  CHECK(has_line(values, "warren_cluster_partitions 2"));
  CHECK(has_line(values, "warren_cluster_members_without_pod 1"));
  values.show(domain::cluster_picture{.groups = {{"a"}}});
  CHECK(has_line(values, "warren_cluster_groups 1"));
  CHECK(has_line(values, "warren_cluster_outside 0"));
  CHECK_FALSE(mentions(values, "warren_cluster_members_without_pod"));
  values.show(domain::cluster_picture{});
  CHECK_FALSE(mentions(values, "warren_cluster_groups"));
  CHECK_FALSE(mentions(values, "warren_cluster_outside"));
  CHECK_FALSE(mentions(values, "warren_cluster_partitions"));
}

TEST_CASE("the gate shows only where there is one") {
  metrics values("0", {});
  CHECK_FALSE(mentions(values, "warren_gate_open"));
  values.show(agent::gate_values{.open = false, .waited = 2500ms, .holds_lock = true});
  CHECK(has_line(values, "warren_gate_open 0"));
  CHECK(has_line(values, "warren_gate_wait_seconds 2.5"));
  CHECK(has_line(values, "warren_formation_lock_held 1"));
  values.show(agent::gate_values{.open = true, .waited = {}, .holds_lock = false});
  CHECK(has_line(values, "warren_gate_open 1"));
  CHECK_FALSE(mentions(values, "warren_gate_wait_seconds"));
}

TEST_CASE("what was forgotten and lost is counted from 0 on") {
  metrics values("0", {});
  CHECK(has_line(values, "warren_members_forgotten_total 0"));
  agent::totals counted;
  counted.forgotten = {.members = 1, .lost = 2, .quorum_queues = 3, .streams = 4};
  values.show(counted);
  CHECK(has_line(values, "warren_members_forgotten_total 1"));
  CHECK(has_line(values, "warren_forgotten_queues_total{kind=\"lost\"} 2"));
  CHECK(has_line(values, "warren_forgotten_queues_total{kind=\"quorum\"} 3"));
  CHECK(has_line(values, "warren_forgotten_queues_total{kind=\"stream\"} 4"));
}
