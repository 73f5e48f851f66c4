#include "agent/domain/supervision.hpp"

#include <algorithm>

namespace warren::domain {

supervision::supervision(const supervision_settings& settings, base::time_point now)
    : settings_(settings), last_look_(now), started_at_(now), act_at_(now) {}

void supervision::worker_started(base::time_point now) {
  phase_ = phase::running;
  started_at_ = now;
  silence_ = base::duration::zero();
  why_ = worker_end::unexpected;
  replace_ = false;
}

void supervision::heartbeat(base::time_point now) {
  silence_ = base::duration::zero();
  last_look_ = now;
}

worker_end supervision::worker_ended(base::time_point now) {
  const bool quick = phase_ == phase::absent || now - started_at_ < settings_.settled_after;
  phase_ = phase::absent;
  if (why_ == worker_end::asked || !quick) quick_ends_ = 0;
  if (why_ != worker_end::asked) ++quick_ends_;
  base::duration delay = base::duration::zero();
  // The first two ends in a row cost nothing, then the delay doubles.
  for (int n = 2; n < quick_ends_ && delay < settings_.longest_delay; ++n) {
    delay = std::max(settings_.first_delay, 2 * delay);
  }
  act_at_ = now + std::min(delay, settings_.longest_delay);
  return why_;
}

void supervision::replace() {
  replace_ = true;
}

void supervision::stop(base::time_point now) {
  ++stops_;
  if (phase_ == phase::ending) act_at_ = std::min(act_at_, now + settings_.stop_limit);
  if (phase_ == phase::killed) act_at_ = now + settings_.reap_limit;
}

guard_action supervision::kill(base::time_point now) {
  phase_ = phase::killed;
  act_at_ = now + settings_.reap_limit;
  return guard_action::kill_worker;
}

guard_action supervision::next(base::time_point now) {
  silence_ += std::min(now - last_look_, 2 * settings_.step);
  last_look_ = now;
  const bool alive = phase_ == phase::running || phase_ == phase::ending;
  if (alive && stops_ > 1) return kill(now);
  switch (phase_) {
    case phase::absent:
      if (stops_ > 0) return guard_action::leave;
      return now >= act_at_ ? guard_action::start_worker : guard_action::wait;
    case phase::running:
      if (stops_ > 0 || replace_) {
        phase_ = phase::ending;
        why_ = worker_end::asked;
        act_at_ = now + settings_.stop_limit;
        return guard_action::terminate_worker;
      }
      if (silence_ < settings_.heartbeat_limit) return guard_action::wait;
      why_ = worker_end::hung;
      return kill(now);
    case phase::ending:
      return now >= act_at_ ? kill(now) : guard_action::wait;
    case phase::killed:
      // A process that the kernel does not let go must not hold the guard back.
      if (stops_ > 1 || (stops_ > 0 && now >= act_at_)) return guard_action::leave;
      return guard_action::wait;
  }
  return guard_action::wait;
}

base::time_point supervision::look_at(base::time_point now) const {
  const base::time_point step = now + settings_.step;
  const bool timed = phase_ != phase::running && (phase_ != phase::killed || stops_ > 0);
  return timed ? std::clamp(act_at_, now, step) : step;
}

}  // namespace warren::domain
