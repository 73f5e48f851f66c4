#pragma once

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "kubernetes/api_client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>

namespace warren::kubernetes {

// The defaults are those of client-go's reflector.
struct list_watch_settings {
  base::backoff_settings backoff;         // 0.8 to 30 s, jitter 1
  std::chrono::seconds min_timeout{300};  // the watch's timeoutSeconds is random between these,
  std::chrono::seconds max_timeout{600};  // so that not all agents come back at once
  base::duration slack = std::chrono::seconds(30);  // how much longer a watch may stay silent
  // A watch that ends sooner, without an event, has failed.
  base::duration very_short = std::chrono::seconds(1);
  std::size_t page = 50;  // objects asked for in one list call
};

// What to do next.
struct list_watch_step {
  enum class kind { list, watch };
  kind what = kind::list;
  base::time_point not_before;      // the wait after a failure; in the past if there is none
  std::string resource_version;     // "0" is any, "" the newest; empty also with a continue token
  std::string continue_token;       // list: the page to go on with
  std::size_t limit = 0;            // list: objects in a page, 0 for all
  std::chrono::seconds timeout{0};  // watch: timeoutSeconds
};

// Decides when to list, to watch and to wait, from what came of the steps before. Without IO and
// without a clock. Lists from "0" first, then from the last version seen, so that the view never
// goes back in time, and from "" once that is gone.
class list_watch_policy {
 public:
  list_watch_policy(list_watch_settings settings, std::uint64_t seed);

  [[nodiscard]] const list_watch_step& next() const { return step_; }

  // A page came. The list is complete if `continue_token` is empty.
  void listed(const std::string& resource_version, const std::string& continue_token);
  void list_failed(const api_failure& why, base::time_point now);

  // An object or a bookmark came by the watch.
  void saw(const std::string& resource_version);
  // The watch was refused, broken (status 0), ended by an ERROR event, or came to its regular end
  // (no failure) after `lived`. True if that counts as a failure: a cut after some time does not.
  bool watch_ended(const std::optional<api_failure>& why, base::duration lived,
                   base::time_point now);

 private:
  void plan_list(base::time_point not_before);
  void plan_watch(base::time_point not_before);
  base::time_point after_failure(const std::optional<api_failure>& why, base::time_point now);

  list_watch_settings settings_;
  base::backoff backoff_;
  std::mt19937_64 random_;
  std::string last_seen_ = "0";
  bool last_seen_is_gone_ = false;
  bool saw_event_ = false;  // by the present watch
  bool unpaged_ = false;    // the pages of the last list ran out of time
  list_watch_step step_;
};

}  // namespace warren::kubernetes
