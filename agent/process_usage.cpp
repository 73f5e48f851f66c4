#include "agent/process_usage.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

namespace warren::agent {
namespace {

constexpr std::size_t stat_limit = 4096;

// Fields of /proc/PID/stat after the name, counted from 0 (proc(5) counts the state as 3).
constexpr std::size_t utime = 11;
constexpr std::size_t stime = 12;
constexpr std::size_t starttime = 19;
constexpr std::size_t vsize = 20;
constexpr std::size_t rss = 21;

machine_constants this_machine() {
  using namespace std::chrono;
  timespec since_boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  const double now = duration<double>(base::wall_clock::now().time_since_epoch()).count();
  const double up =
      static_cast<double>(since_boot.tv_sec) + 1e-9 * static_cast<double>(since_boot.tv_nsec);
  return {.ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK)),
          .page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)),
          .boot_seconds = now - up};
}

std::uint64_t count_open_fds() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  std::uint64_t count = 0;
  while (const dirent* entry = ::readdir(folder)) count += entry->d_name[0] != '.' ? 1 : 0;
  ::closedir(folder);
  return count - 1;  // the folder itself was open
}

}  // namespace

std::optional<process_usage> parse_process_stat(std::string_view stat,
                                                const machine_constants& machine) {
  const std::size_t name_end = stat.rfind(')');  // the name may hold anything, also ')'
  if (name_end == std::string_view::npos) return std::nullopt;
  std::array<std::uint64_t, rss + 1> fields{};
  std::string_view rest = stat.substr(name_end + 1);
  for (std::size_t n = 0; n < fields.size(); ++n) {
    const std::size_t begin = rest.find_first_not_of(' ');
    if (begin == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(begin);
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    if (n == 0 || word.front() == '-') continue;  // the state; values below 0 are not asked for
    const auto [end, ec] = std::from_chars(word.begin(), word.end(), fields[n]);
    if (ec != std::errc{}) return std::nullopt;
  }
  process_usage usage;
  usage.cpu_seconds = static_cast<double>(fields[utime] + fields[stime]) / machine.ticks_per_second;
  usage.resident_bytes = fields[rss] * machine.page_bytes;
  usage.virtual_bytes = fields[vsize];
  usage.start_seconds =
      machine.boot_seconds + static_cast<double>(fields[starttime]) / machine.ticks_per_second;
  return usage;
}

std::optional<process_usage> own_process_usage() {
  // Once: the wall clock may be set later, and the start time must not move with it.
  static const machine_constants machine = this_machine();
  const base::result<std::string> stat = base::read_file("/proc/self/stat", stat_limit);
  if (!stat) return std::nullopt;
  std::optional<process_usage> usage = parse_process_stat(*stat, machine);
  if (!usage) return std::nullopt;
  usage->open_fds = count_open_fds();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    usage->max_fds = limit.rlim_cur;
  }
  return usage;
}

}  // namespace warren::agent
