#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

// Every metric, in the order of the table.
enum class metric {
  build_info,
  broker_up,
  link_connected,
  link_state,
  link_reconnects,
  link_calls,
  link_late_replies,
  check_status,
  check_runs,
  check_failures,
  check_duration,
  probe_requests,
  alarm_active,
  listener_accepts,
  cluster_members,
  cluster_groups,
  cluster_outside,
  cluster_partitions,
  cluster_members_without_pod,
  cluster_formation,
  gate_open,
  gate_wait,
  formation_lock_held,
  members_forgotten,
  forgotten_queues,
  peers,
  peer_discovery_requests,
  peer_discovery_age,
  peers_file_writes,
  kubernetes_requests,
  kubernetes_last_success,
  events,
  worker_restarts,
  loop_lag,
  process_cpu,
  process_resident_memory,
  process_virtual_memory,
  process_start_time,
  process_open_fds,
  process_max_fds,
};

enum class metric_kind { counter, gauge };

struct metric_definition {
  metric id;
  metric_kind kind;
  std::string_view name;                 // of a counter: ends with _total
  std::vector<std::string_view> labels;  // each with few values, known in advance or bounded
  std::string_view help;
};

// Names, labels and helps in one place; indexed by `metric`.
const std::vector<metric_definition>& metric_definitions();

// The same as README's table.
std::string metrics_markdown();

}  // namespace warren::agent
