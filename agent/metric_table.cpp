#include "agent/metric_table.hpp"

namespace warren::agent {
namespace {

constexpr auto counter = metric_kind::counter;
constexpr auto gauge = metric_kind::gauge;

}  // namespace

// A gauge whose value is not known is absent, not 0: an alert must not fire on what nobody saw.
const std::vector<metric_definition>& metric_definitions() {
  using enum metric;
  static const std::vector<metric_definition> table = {
      {build_info, gauge, "warren_build_info", {"version"}, "Version of the agent, always 1"},
      {broker_up, gauge, "warren_broker_up", {}, "1 if the broker answers, 0 if not"},
      {link_connected,
       gauge,
       "warren_link_connected",
       {},
       "1 if the connection to the broker's Erlang node is up"},
      {link_state,
       gauge,
       "warren_link_state",
       {"state"},
       "1 for the state that the connection to the broker is in, 0 for the others"},
      {link_reconnects,
       counter,
       "warren_link_reconnects_total",
       {},
       "Connections made to the broker after the first"},
      {link_calls, counter, "warren_link_calls_total", {}, "Calls made to the broker"},
      {link_late_replies,
       counter,
       "warren_link_late_replies_total",
       {},
       "Replies of the broker that came after their deadline and were dropped"},
      {check_status,
       gauge,
       "warren_check_status",
       {"check"},
       "1 if the check passes, 0 if it fails, -1 if it is not known"},
      {check_runs,
       counter,
       "warren_check_runs_total",
       {"check"},
       "Looks at the broker that ended, well or not"},
      {check_failures,
       counter,
       "warren_check_failures_total",
       {"check"},
       "Looks at the broker that gave no answer"},
      {check_duration,
       gauge,
       "warren_check_duration_seconds",
       {"check"},
       "How long the last look at the broker took"},
      {probe_requests,
       counter,
       "warren_probe_requests_total",
       {"endpoint", "code"},
       "Probes answered"},
      {alarm_active,
       gauge,
       "warren_alarm_active",
       {"alarm"},
       "1 if the alarm stands on this node, 0 if not"},
      {listener_accepts,
       gauge,
       "warren_listener_accepts",
       {"port", "protocol"},
       "1 if the broker's listener accepts connections, 0 if not"},
      {cluster_members,
       gauge,
       "warren_cluster_members",
       {"state"},
       "Members expected by the StatefulSet, known to the broker, and running"},
      {cluster_groups,
       gauge,
       "warren_cluster_groups",
       {},
       "Groups of members that see each other: 1 is a whole cluster, more are a split"},
      {cluster_formation,
       gauge,
       "warren_cluster_formation_seconds",
       {},
       "From the start of the agent until all expected members ran"},
      {peers, gauge, "warren_peers", {}, "Peers found"},
      {peer_discovery_requests,
       counter,
       "warren_peer_discovery_requests_total",
       {"result"},
       "Looks for peers"},
      {peer_discovery_age,
       gauge,
       "warren_peer_discovery_age_seconds",
       {},
       "Since when the list of peers has not been confirmed"},
      {peers_file_writes,
       counter,
       "warren_peers_file_writes_total",
       {"result"},
       "Writes of the peer file"},
      {kubernetes_requests,
       counter,
       "warren_kubernetes_requests_total",
       {"verb", "code"},
       "Requests to the API server; code is none where no answer came"},
      {kubernetes_last_success,
       gauge,
       "warren_kubernetes_last_success_timestamp_seconds",
       {},
       "When the API server last answered with success"},
      {events, counter, "warren_events_total", {"result"}, "Events for people"},
      {worker_restarts,
       counter,
       "warren_worker_restarts_total",
       {"reason"},
       "Worker processes that the guard replaced"},
      {loop_lag,
       gauge,
       "warren_loop_lag_seconds",
       {},
       "How late the event loop was at most in the last half to whole minute"},
      {process_cpu,
       counter,
       "process_cpu_seconds_total",
       {},
       "User and system CPU time of the worker"},
      {process_resident_memory,
       gauge,
       "process_resident_memory_bytes",
       {},
       "Resident memory of the worker"},
      {process_virtual_memory,
       gauge,
       "process_virtual_memory_bytes",
       {},
       "Virtual memory of the worker"},
      {process_start_time,
       gauge,
       "process_start_time_seconds",
       {},
       "When the worker started, since the Unix epoch"},
      {process_open_fds, gauge, "process_open_fds", {}, "Open file descriptors of the worker"},
      {process_max_fds, gauge, "process_max_fds", {}, "File descriptors that the worker may open"},
  };
  return table;
}

std::string metrics_markdown() {
  std::string text = "| metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n";
  for (const metric_definition& definition : metric_definitions()) {
    std::string labels;
    for (const std::string_view label : definition.labels) {
      labels += (labels.empty() ? "`" : ", `") + std::string(label) + '`';
    }
    text += "| `" + std::string(definition.name) + "` | " +
            (definition.kind == metric_kind::counter ? "counter" : "gauge") + " | " + labels +
            " | " + std::string(definition.help) + " |\n";
  }
  return text;
}

}  // namespace warren::agent
