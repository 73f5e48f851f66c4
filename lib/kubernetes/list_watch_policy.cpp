#include "kubernetes/list_watch_policy.hpp"

#include <algorithm>

namespace warren::kubernetes {
namespace {

constexpr int gone = 410;
constexpr int too_many_requests = 429;
constexpr int gateway_timeout = 504;  // a resourceVersion that the server has not reached yet

// The server is away or busy: what was seen so far is still good, so the watch goes on from there
// instead of putting a list on top of its trouble.
bool is_worth_watching_again(const api_failure& why) {
  return why.status == 0 || why.status == too_many_requests || why.status >= 500;
}

}  // namespace

list_watch_policy::list_watch_policy(list_watch_settings settings, std::uint64_t seed)
    : settings_(settings), backoff_(settings.backoff, seed), random_(seed) {
  plan_list(base::time_point::min());
}

void list_watch_policy::plan_list(base::time_point not_before) {
  step_ = {};
  step_.what = list_watch_step::kind::list;
  step_.not_before = not_before;
  if (!last_seen_is_gone_) step_.resource_version = last_seen_;
  // A limit together with a version would ask for exactly that version, past the server's cache.
  const bool pages = step_.resource_version.empty() || step_.resource_version == "0";
  if (pages && !unpaged_) step_.limit = settings_.page;
}

void list_watch_policy::plan_watch(base::time_point not_before) {
  step_ = {};
  step_.what = list_watch_step::kind::watch;
  saw_event_ = false;
  step_.not_before = not_before;
  step_.resource_version = last_seen_;
  std::uniform_int_distribution<std::int64_t> seconds(settings_.min_timeout.count(),
                                                      settings_.max_timeout.count());
  step_.timeout = std::chrono::seconds(seconds(random_));
}

base::time_point list_watch_policy::after_failure(const std::optional<api_failure>& why,
                                                  base::time_point now) {
  base::duration wait = backoff_.next(now);
  if (why && why->retry_after) wait = std::max(wait, *why->retry_after);
  return now + wait;
}

void list_watch_policy::listed(const std::string& resource_version,
                               const std::string& continue_token) {
  if (!continue_token.empty()) {
    step_.not_before = base::time_point::min();
    step_.resource_version.clear();
    step_.continue_token = continue_token;
    step_.limit = settings_.page;
    return;
  }
  last_seen_ = resource_version;
  last_seen_is_gone_ = false;
  unpaged_ = false;
  plan_watch(base::time_point::min());
}

void list_watch_policy::list_failed(const api_failure& why, base::time_point now) {
  const bool paging = !step_.continue_token.empty();
  const bool versioned = !step_.resource_version.empty() && step_.resource_version != "0";
  if (why.status == gone && (paging || versioned)) {
    // Once at once, from the newest and in one piece; a second 410 waits.
    last_seen_is_gone_ = true;
    unpaged_ = paging;
    plan_list(base::time_point::min());
    return;
  }
  if (why.status == gone || (why.status == gateway_timeout && versioned)) last_seen_is_gone_ = true;
  plan_list(after_failure(why, now));
}

void list_watch_policy::saw(const std::string& resource_version) {
  saw_event_ = true;
  if (!resource_version.empty()) last_seen_ = resource_version;
}

bool list_watch_policy::watch_ended(const std::optional<api_failure>& why, base::duration lived,
                                    base::time_point now) {
  const bool worked = saw_event_ || lived >= settings_.very_short;
  if (!why || (why->status == 0 && worked)) {
    plan_watch(base::time_point::min());
    // A proxy that ends each watch at once must not make a hot loop.
    if (!worked) step_.not_before = after_failure(why, now);
    return !worked;
  }
  if (is_worth_watching_again(*why)) {
    plan_watch(after_failure(why, now));
  } else {
    plan_list(after_failure(why, now));
  }
  return true;
}

}  // namespace warren::kubernetes
