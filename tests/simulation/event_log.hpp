#pragma once

#include "base/result.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/plan.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What was done to real brokers and what was seen of them, as tests/integration/formation/
// event_log.py wrote it down.
namespace warren::simulation {

enum class log_kind {
  pod_made,
  pod_gone,
  disk_lost,
  holds,              // its disk has the data of a member: `members` and `cluster`
  folder_deleted,     // by a person: the broker's data, in a pod that stays
  broker_begins,      // its process, with `door` and `clock`
  broker_killed,      // SIGKILL
  broker_stopped,     // SIGTERM: it ends a while later
  broker_ended,       // `asked`: it had been killed or stopped; else by itself
  stops_app,          // an agent stops the application
  joins,              // an agent stops the application and makes it join `other`
  starts_app,         // the application begins again in the same process
  forgets,            // this node removes `other` from its cluster
  forced_boot,        // by a person: its next boot waits for nobody
  forced_standalone,  // by a person: it is the only member from now on
  runs,               // it was seen to be ready, with `members`, `running` and `cluster`
};
const char* name(log_kind k);

struct log_event {
  std::size_t line = 0;  // of the file, from 1
  log_kind kind = log_kind::runs;
  int node = 0;
  int other = -1;
  duration at{};
  std::optional<domain::door> door;  // none: conf.d had none
  duration clock{};                  // how far its wall clock is ahead
  bool asked = false;
  node_set members;
  node_set running;
  std::string cluster;
};
std::string text_of(const log_event& e);

struct event_log {
  release version = release::v4_3;
  std::string scenario;
  int nodes = 0;
  std::vector<log_event> events;
  bool formed = false;  // at its end all pods were one cluster, and nothing happened any more
};

constexpr std::size_t longest_log = 20'000;  // lines

// Total: a log, or which line is wrong and why.
base::result<event_log> parse_event_log(std::string_view text);

}  // namespace warren::simulation
