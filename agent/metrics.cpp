#include "agent/metrics.hpp"

#include "agent/metric_table.hpp"
#include "agent/process_usage.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace warren::agent {
namespace {

using domain::link_state;
using prometheus::Labels;

constexpr std::size_t max_listeners = 64;
constexpr std::size_t max_label = 64;

constexpr std::array link_states{
    link_state::unknown,         link_state::away,         link_state::unclear,
    link_state::no_cookie,       link_state::silent,       link_state::connected,
    link_state::cookie_rejected, link_state::tls_expected, link_state::name_differs,
    link_state::not_allowed,
};
constexpr std::array<std::string_view, 3> known_alarms{"memory", "disk", "file_descriptor_limit"};
constexpr std::array<std::string_view, 4> known_endpoints{"/readyz", "/livez", "/startupz",
                                                          "/agent/livez"};

double seconds(base::duration length) {
  return std::chrono::duration<double>(length).count();
}

// A label value from outside: bounded, and nothing that an encoding could break.
std::string as_label(std::string_view text) {
  std::string label(text.substr(0, max_label));
  for (char& c : label) {
    if (c < 0x20 || c == 0x7f) c = '_';  // bytes from 0x80 on are negative
  }
  return label;
}

prometheus::MetricFamily sample(metric id, double value) {
  const metric_definition& definition = metric_definitions()[static_cast<std::size_t>(id)];
  prometheus::MetricFamily family;
  family.name = definition.name;
  family.help = definition.help;
  prometheus::ClientMetric only;
  if (definition.kind == metric_kind::counter) {
    family.type = prometheus::MetricType::Counter;
    only.counter.value = value;
  } else {
    family.type = prometheus::MetricType::Gauge;
    only.gauge.value = value;
  }
  family.metric.push_back(std::move(only));
  return family;
}

}  // namespace

// The registry, with what its families need beside it.
struct metrics::store {
  store() {
    for (const metric_definition& definition : metric_definitions()) {
      const std::string metric_name(definition.name);
      const std::string help(definition.help);
      if (definition.kind == metric_kind::counter) {
        counters[definition.id] =
            &prometheus::BuildCounter().Name(metric_name).Help(help).Register(registry);
      } else {
        gauges[definition.id] =
            &prometheus::BuildGauge().Name(metric_name).Help(help).Register(registry);
      }
    }
  }

  void set(metric id, double value, const Labels& labels = {}) {
    gauges.at(id)->Add(labels).Set(value);
  }
  void set(metric id, std::optional<double> value, const Labels& labels = {}) {
    prometheus::Gauge& gauge = gauges.at(id)->Add(labels);
    if (value) {
      gauge.Set(*value);
    } else {
      gauges.at(id)->Remove(&gauge);
    }
  }
  // Series that are in the last values of `id` but not in `values` vanish.
  void set_all(metric id, const std::map<Labels, double>& values) {
    std::set<Labels>& last = shown[id];
    for (const Labels& labels : last) {
      if (!values.contains(labels)) set(id, std::nullopt, labels);
    }
    last.clear();
    for (const auto& [labels, value] : values) {
      set(id, value, labels);
      last.insert(labels);
    }
  }
  prometheus::Counter& counter(metric id, const Labels& labels = {}) {
    return counters.at(id)->Add(labels);
  }
  // Follows a counter that somebody else keeps, also when that begins anew.
  void follow(metric id, const Labels& labels, std::uint64_t now) {
    std::uint64_t& last = followed[{id, labels}];
    counter(id, labels).Increment(static_cast<double>(now >= last ? now - last : now));
    last = now;
  }

  prometheus::Registry registry;
  std::map<metric, prometheus::Family<prometheus::Counter>*> counters;
  std::map<metric, prometheus::Family<prometheus::Gauge>*> gauges;
  std::map<metric, std::set<Labels>> shown;
  std::map<std::pair<metric, Labels>, std::uint64_t> followed;
  std::optional<base::time_point> peers_seen_at;
};

metrics::metrics(std::string_view version, const worker_restarts& restarts)
    : store_(std::make_unique<store>()) {
  store_->set(metric::build_info, 1, {{"version", std::string(version)}});
  const std::pair<const char*, std::uint64_t> reasons[] = {{"exited", restarts.exited},
                                                           {"crashed", restarts.crashed},
                                                           {"hung", restarts.hung},
                                                           {"reloaded", restarts.reloaded}};
  for (const auto& [reason, count] : reasons) {
    store_->counter(metric::worker_restarts, {{"reason", reason}})
        .Increment(static_cast<double>(count));
  }
  show(totals{});  // a counter that is there from the beginning shows its first step
}

metrics::~metrics() = default;

void metrics::show(const domain::world_view& world) {
  const domain::broker_view& broker = world.broker;
  const bool connected = broker.link.state == link_state::connected;
  store_->set(metric::link_connected, connected ? 1 : 0);
  for (const link_state state : link_states) {
    const std::string label(domain::name(state));
    store_->set(metric::link_state, state == broker.link.state ? 1 : 0, {{"state", label}});
  }

  std::map<Labels, double> alarms;
  if (connected && broker.alarms.value) {
    for (const std::string_view known : known_alarms) alarms[{{"alarm", std::string(known)}}] = 0;
    for (const domain::alarm& alarm : *broker.alarms.value) {
      const bool known = std::ranges::find(known_alarms, alarm.resource) != known_alarms.end();
      alarms[{{"alarm", known ? alarm.resource : "other"}}] = 1;
    }
  }
  store_->set_all(metric::alarm_active, alarms);

  std::map<Labels, double> listeners;
  if (connected && broker.ports.value) {
    for (const domain::port_view& port : *broker.ports.value) {
      const Labels labels = {{"port", std::to_string(port.what.port)},
                             {"protocol", as_label(port.what.protocol)}};
      // Several addresses may share port and protocol: all of them must accept.
      const auto known = listeners.find(labels);
      if (known != listeners.end()) {
        if (!port.accepts) known->second = 0;
      } else if (listeners.size() < max_listeners) {
        listeners.emplace(labels, port.accepts ? 1 : 0);
      }
    }
  }
  store_->set_all(metric::listener_accepts, listeners);

  std::map<Labels, double> members;
  if (world.expected_members.value) {
    members[{{"state", "expected"}}] = *world.expected_members.value;
  }
  if (connected && broker.cluster.value) {
    const domain::membership& cluster = *broker.cluster.value;
    members[{{"state", "known"}}] = static_cast<double>(cluster.members.size());
    members[{{"state", "running"}}] = static_cast<double>(cluster.running.size());
  }
  store_->set_all(metric::cluster_members, members);

  std::optional<double> peers;
  if (world.peers.value) peers = static_cast<double>(world.peers.value->peers.size());
  store_->set(metric::peers, peers);
  store_->peers_seen_at = world.peers.seen_at;
}

void metrics::show(const domain::cluster_picture& cluster) {
  // Without a broker that runs nothing is known.
  const bool seen = !cluster.groups.empty();
  const auto size = [](const auto& list) { return static_cast<double>(list.size()); };
  const auto value = [&](const auto& list) {
    return seen ? std::optional(size(list)) : std::nullopt;
  };
  store_->set(metric::cluster_groups, value(cluster.groups));
  store_->set(metric::cluster_outside, value(cluster.outside));
  store_->set(metric::cluster_partitions, value(cluster.partitioned));
  std::optional<double> without_pod;
  if (cluster.pods_known) without_pod = size(cluster.without_pod);
  store_->set(metric::cluster_members_without_pod, without_pod);
}

void metrics::show(const gate_values& gate) {
  store_->set(metric::gate_open, gate.open ? 1 : 0);
  std::optional<double> waited;
  if (gate.waited) waited = seconds(*gate.waited);
  store_->set(metric::gate_wait, waited);
  store_->set(metric::formation_lock_held, gate.holds_lock ? 1 : 0);
}

void metrics::show(const std::vector<domain::check_result>& report) {
  for (const domain::check_result& result : report) {
    double value = -1;
    if (result.result == domain::outcome::pass) value = 1;
    if (result.result == domain::outcome::fail) value = 0;
    store_->set(metric::check_status, value, {{"check", std::string(domain::name(result.what))}});
    if (result.what != domain::check::ping) continue;
    store_->set(metric::broker_up, value < 0 ? std::nullopt : std::optional(value));
  }
}

void metrics::show(const totals& counted) {
  const auto follow = [this](metric id, std::uint64_t value, const Labels& labels = {}) {
    store_->follow(id, labels, value);
  };
  const auto result = [](const char* text) { return Labels{{"result", text}}; };
  follow(metric::link_reconnects, counted.reconnects);
  follow(metric::link_calls, counted.calls);
  follow(metric::link_late_replies, counted.late_replies);
  follow(metric::peer_discovery_requests, counted.discoveries, result("success"));
  follow(metric::peer_discovery_requests, counted.failed_discoveries, result("failure"));
  follow(metric::peers_file_writes, counted.file_writes, result("success"));
  follow(metric::peers_file_writes, counted.failed_file_writes, result("failure"));
  follow(metric::events, counted.events_written, result("written"));
  follow(metric::events, counted.events_denied, result("denied"));
  follow(metric::events, counted.events_failed, result("failed"));
  follow(metric::events, counted.events_dropped, result("dropped"));
  const auto kind = [](const char* text) { return Labels{{"kind", text}}; };
  follow(metric::members_forgotten, counted.forgotten.members);
  follow(metric::forgotten_queues, counted.forgotten.lost, kind("lost"));
  follow(metric::forgotten_queues, counted.forgotten.quorum_queues, kind("quorum"));
  follow(metric::forgotten_queues, counted.forgotten.streams, kind("stream"));
  for (const auto& [request, count] : counted.kubernetes_requests) {
    const auto& [verb, code] = request;
    follow(metric::kubernetes_requests, count,
           {{"verb", verb}, {"code", code == 0 ? "none" : std::to_string(code)}});
  }
  if (counted.kubernetes_last_success) {
    const std::chrono::duration<double> at = counted.kubernetes_last_success->time_since_epoch();
    store_->set(metric::kubernetes_last_success, at.count());
  }
}

void metrics::show_loop_lag(base::duration lag) {
  store_->set(metric::loop_lag, seconds(lag));
}

void metrics::show_formation(base::duration took) {
  store_->set(metric::cluster_formation, seconds(took));
}

void metrics::count_look(std::string_view check, base::duration took, bool answered) {
  const Labels labels = {{"check", std::string(check)}};
  store_->counter(metric::check_runs, labels).Increment();
  store_->counter(metric::check_failures, labels).Increment(answered ? 0 : 1);
  store_->set(metric::check_duration, seconds(took), labels);
}

void metrics::count_probe(std::string_view endpoint, int code) {
  const bool known = std::ranges::find(known_endpoints, endpoint) != known_endpoints.end();
  const Labels labels = {{"endpoint", known ? std::string(endpoint) : "other"},
                         {"code", std::to_string(code)}};
  store_->counter(metric::probe_requests, labels).Increment();
}

std::string metrics::text(metrics_format format, base::time_point now) const {
  std::optional<double> age;
  if (store_->peers_seen_at) age = seconds(now - *store_->peers_seen_at);
  store_->set(metric::peer_discovery_age, age);

  std::vector<prometheus::MetricFamily> families;
  for (prometheus::MetricFamily& family : store_->registry.Collect()) {
    if (family.metric.empty()) continue;
    std::ranges::sort(family.metric, {}, &prometheus::ClientMetric::label);
    families.push_back(std::move(family));
  }
  if (const std::optional<process_usage> usage = own_process_usage()) {
    families.push_back(sample(metric::process_cpu, usage->cpu_seconds));
    families.push_back(
        sample(metric::process_resident_memory, static_cast<double>(usage->resident_bytes)));
    families.push_back(
        sample(metric::process_virtual_memory, static_cast<double>(usage->virtual_bytes)));
    families.push_back(sample(metric::process_start_time, usage->start_seconds));
    families.push_back(sample(metric::process_open_fds, static_cast<double>(usage->open_fds)));
    families.push_back(sample(metric::process_max_fds, static_cast<double>(usage->max_fds)));
  }
  std::ranges::sort(families, {}, &prometheus::MetricFamily::name);
  return format == metrics_format::open_metrics ? open_metrics(families) : plain_text(families);
}

}  // namespace warren::agent
