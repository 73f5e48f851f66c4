#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace warren::agent {

// What a process uses, as the process_* metrics want it.
struct process_usage {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  double start_seconds = 0;  // since the Unix epoch
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;  // 0: no limit
};

struct machine_constants {
  double ticks_per_second = 100;
  std::uint64_t page_bytes = 4096;
  double boot_seconds = 0;  // since the Unix epoch
};

// From the text of /proc/PID/stat; the descriptors are left out. Nothing if it is not such a text.
std::optional<process_usage> parse_process_stat(std::string_view stat,
                                                const machine_constants& machine);

// Of this process, now. Nothing where /proc is not mounted.
std::optional<process_usage> own_process_usage();

}  // namespace warren::agent
