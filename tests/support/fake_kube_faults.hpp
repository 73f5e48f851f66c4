#pragma once

#include "base/clock.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace warren::testing {

constexpr auto forever = static_cast<std::size_t>(-1);

// An answer given instead of the true one, to the next `times` requests that it fits.
struct scripted_answer {
  unsigned status = 500;
  std::size_t times = 1;
  std::string path_prefix = "/";
  std::string verb = {};  // get, list, watch, create, update, patch, delete; empty: any
  std::vector<std::pair<std::string, std::string>> headers = {};  // for example Retry-After
  std::string body = {};  // empty: what Kubernetes says with that status
};

// The next `times` requests that it fits are obeyed, and their answers lost with the connection.
struct lost_answer {
  std::string verb;
  std::size_t times = 1;
};

enum class watch_fault {
  expired,          // the first event is ERROR with 410
  ended_at_once,    // ends in good order before the first event
  cut_inside_line,  // the connection breaks in the middle of the first event
  endless_line,     // one line that grows until the client leaves
};

// How the fake misbehaves now; fake_kube_api's functions set it.
struct fake_kube_faults {
  struct watch_plan {
    watch_fault what = watch_fault::expired;
    std::size_t times = 1;
  };
  std::vector<scripted_answer> answers;
  std::vector<lost_answer> lost_answers;
  std::vector<watch_plan> watches;
  std::optional<std::size_t> cut_watch_after;       // bytes of events, each watch
  std::optional<base::duration> bookmark_interval;  // each bookmark with a newer version
  std::optional<base::duration> drip;               // between two bytes of a header that never ends
  base::duration latency{};
  bool silent = false;
  bool silent_in_handshake = false;
  bool watches_muted = false;
  bool events_repeated = false;
  std::set<std::pair<std::string, std::string>> forbidden;  // qualified resource, verb ("" is all)
  std::set<std::string> absent;                             // qualified resources
};

}  // namespace warren::testing
