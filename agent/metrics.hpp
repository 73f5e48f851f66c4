#pragma once

#include "agent/domain/groups.hpp"
#include "agent/domain/health.hpp"
#include "agent/domain/transitions.hpp"
#include "agent/guard.hpp"
#include "agent/metrics_text.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warren::agent {

// Since the worker began: members forgotten whose disk was lost, the queues that went with them,
// and those that are a replica short since.
struct forgotten_totals {
  std::uint64_t members = 0;
  std::uint64_t lost = 0;
  std::uint64_t quorum_queues = 0;
  std::uint64_t streams = 0;
};

// The start gate, where there is one.
struct gate_values {
  bool open = false;
  std::optional<base::duration> waited;  // until it was opened, or until now
  bool holds_lock = false;
};

// What the parts of the agent have counted since the worker began. /metrics follows them: a part
// that begins anew starts from 0 without a step back in the metric.
struct totals {
  std::uint64_t reconnects = 0;
  std::uint64_t calls = 0;
  std::uint64_t late_replies = 0;
  std::uint64_t discoveries = 0;
  std::uint64_t failed_discoveries = 0;
  std::uint64_t file_writes = 0;
  std::uint64_t failed_file_writes = 0;
  std::uint64_t events_written = 0;
  std::uint64_t events_denied = 0;
  std::uint64_t events_failed = 0;
  std::uint64_t events_dropped = 0;
  forgotten_totals forgotten;
  // By verb and HTTP status; 0 where no answer came.
  std::map<std::pair<std::string, int>, std::uint64_t> kubernetes_requests;
  std::optional<base::wall_time> kubernetes_last_success;
};

// The values behind /metrics. Names and meanings: metric_table.cpp. The tasks tell it what they saw
// or did; a value that is not known at present is left out of the answer. Single-threaded.
class metrics {
 public:
  metrics(std::string_view version, const worker_restarts& restarts);
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;
  ~metrics();

  // After every change: link, alarms, listeners, members, peers.
  void show(const domain::world_view& world);
  // The cluster as all brokers report it.
  void show(const domain::cluster_picture& cluster);
  void show(const gate_values& gate);
  void show(const std::vector<domain::check_result>& report);
  void show(const totals& counted);
  void show_loop_lag(base::duration lag);
  // Once, when all expected members run for the first time.
  void show_formation(base::duration took);

  // `check` is a name of this program, never a text from outside.
  void count_look(std::string_view check, base::duration took, bool answered);
  void count_probe(std::string_view endpoint, int code);

  [[nodiscard]] std::string text(metrics_format format, base::time_point now) const;

 private:
  struct store;
  std::unique_ptr<store> store_;
};

}  // namespace warren::agent
