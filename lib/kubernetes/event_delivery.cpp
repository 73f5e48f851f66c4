#include "kubernetes/event_delivery.hpp"

#include <algorithm>
#include <utility>

namespace warren::kubernetes {
namespace {

using verb = event_write::verb;

bool success(int status) {
  return status >= 200 && status < 300;
}

// The server may answer otherwise the next time. 401: the token is read again for each request.
bool worth_a_retry(int status, verb how) {
  return status == 0 || status == 401 || status == 408 || status == 429 || status >= 500 ||
         (status == 409 && how == verb::patch);
}

}  // namespace

event_delivery::event_delivery(event_delivery_settings settings, std::uint64_t seed)
    : settings_(settings), backoff_(settings.backoff, seed) {}

void event_delivery::push(event_write write) {
  if (queue_.size() >= settings_.max_queued) {
    queue_.pop_front();
    ++counters_.dropped;
  }
  queue_.push_back(std::move(write));
}

std::optional<event_request> event_delivery::next(base::time_point now) {
  if (now < not_before_) return std::nullopt;
  while (!current_ && !queue_.empty()) {
    const bool skip = queue_.front().how == verb::patch && now < no_patch_before_;
    if (skip) {
      ++counters_.forbidden;
    } else {
      current_ = std::move(queue_.front());
      refusals_ = {};
      tries_ = 0;
    }
    queue_.pop_front();
  }
  if (!current_) return std::nullopt;
  return event_request{.api = api_, .write = *current_};
}

std::optional<event_problem> event_delivery::answered(const event_answer& answer,
                                                      base::time_point now) {
  if (!current_) return std::nullopt;
  const int status = answer.status;
  const verb how = current_->how;
  if (success(status)) {
    succeeded(how == verb::create);
    return std::nullopt;
  }
  if (status == 409 && how == verb::create) {  // an earlier try arrived, its answer was lost
    succeeded(true);
    return std::nullopt;
  }
  if (status == 404 && how == verb::patch) {  // forgotten by the API server: it becomes a new one
    current_->how = verb::create;
    return std::nullopt;
  }
  if (status == 403 || status == 404) return refused_by_api(status, now);
  if (worth_a_retry(status, how)) return try_later(answer, now);
  return finish(counters_.failed, event_problem::refused);
}

std::optional<base::time_point> event_delivery::wake_at() const {
  if (!current_ && queue_.empty()) return std::nullopt;
  return not_before_;
}

void event_delivery::succeeded(bool created) {
  ++(created ? counters_.written : counters_.patched);
  current_.reset();
  told_.reset();
  backoff_.reset();
}

std::optional<event_problem> event_delivery::refused_by_api(int status, base::time_point now) {
  const bool core = api_ == event_api::core_v1;
  (core ? refusals_.core_v1 : refusals_.events_v1) = status;
  if (refusals_.events_v1 == 0 || refusals_.core_v1 == 0) {
    api_ = core ? event_api::events_v1 : event_api::core_v1;
    return std::nullopt;
  }
  api_ = event_api::events_v1;
  if (refusals_.events_v1 != 403 && refusals_.core_v1 != 403) {
    return finish(counters_.failed, event_problem::not_found);
  }
  const base::time_point again = now + settings_.forbidden_pause;
  (current_->how == verb::patch ? no_patch_before_ : not_before_) = again;
  return finish(counters_.forbidden, event_problem::forbidden);
}

std::optional<event_problem> event_delivery::try_later(const event_answer& answer,
                                                       base::time_point now) {
  const base::duration asked =
      std::min(answer.retry_after.value_or(base::duration::zero()), settings_.max_retry_after);
  not_before_ = now + std::max(backoff_.next(now), asked);
  if (++tries_ < settings_.max_tries) return std::nullopt;
  return finish(counters_.failed, event_problem::unreachable);
}

std::optional<event_problem> event_delivery::finish(std::uint64_t& counter, event_problem why) {
  ++counter;
  current_.reset();
  if (std::exchange(told_, why) == why) return std::nullopt;
  return why;
}

}  // namespace warren::kubernetes
