#pragma once

#include "agent/domain/health.hpp"
#include "agent/domain/transitions.hpp"
#include "agent/guard.hpp"
#include "agent/metrics_text.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace warren::agent {

enum class event_outcome { written, denied, failed, dropped };

// The counters of the link to the broker since its owner began; they may begin anew.
struct link_counters {
  std::uint64_t reconnects = 0;
  std::uint64_t calls = 0;
  std::uint64_t late_replies = 0;
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
  void show(const std::vector<domain::check_result>& report);
  void show(const link_counters& counters);
  void show_loop_lag(base::duration lag);
  // Once, when all expected members run for the first time.
  void show_formation(base::duration took);

  // `check` is a name of this program, never a text from outside.
  void count_look(std::string_view check, base::duration took, bool answered);
  void count_probe(std::string_view endpoint, int code);
  void count_discovery(bool good);
  void count_peers_file_write(bool good);
  // `code` is the HTTP status, or 0 where no answer came.
  void count_kubernetes_request(std::string_view verb, int code, base::wall_time when);
  void count_event(event_outcome outcome);

  [[nodiscard]] std::string text(metrics_format format, base::time_point now) const;

 private:
  struct store;
  std::unique_ptr<store> store_;
};

}  // namespace warren::agent
