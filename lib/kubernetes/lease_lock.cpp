#include "kubernetes/lease_lock.hpp"

#include "base/wall_text.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace warren::kubernetes {
namespace {

// What a holder that lives changes. Annotations and labels are no sign of life.
auto content(const lease& l) {
  return std::tie(l.uid, l.holder, l.acquire_time, l.renew_time, l.transitions, l.duration);
}

}  // namespace

lease_lock::lease_lock(lock_settings settings) : settings_(std::move(settings)) {}

base::time_point lease_lock::free_at() const {
  const bool named = lease_->duration.count() > 0;
  return changed_at_ + (named ? lease_->duration : settings_.duration);
}

lock_action lease_lock::next(base::time_point now) const {
  using enum lock_action::kind;
  if (const auto until = held_until(now)) {
    if (now < renew_at_) return {held, *until};
    return {known() ? renew : look, {}};
  }
  if (!known() || now >= *seen_at_ + settings_.look_every) return {look, {}};
  if (!lease_) return {create, {}};
  if (ours()) return {renew, {}};
  if (lease_->holder.empty() || now >= free_at()) return {take, {}};
  return {wait, std::min(free_at(), *seen_at_ + settings_.look_every)};
}

std::optional<base::time_point> lease_lock::held_until(base::time_point now) const {
  if (held_until_ && now < *held_until_) return held_until_;
  return std::nullopt;
}

std::string lease_lock::holder() const {
  return lease_ ? lease_->holder : std::string();
}

void lease_lock::saw(std::optional<lease> seen, base::time_point now) {
  const bool same = seen && lease_ && content(*seen) == content(*lease_);
  if (!same) changed_at_ = now;
  lease_ = std::move(seen);
  seen_at_ = now;
  if (!ours()) held_until_.reset();
}

lease lease_lock::draft(lock_action::kind what, base::wall_time at) const {
  lease out = lease_ && what != lock_action::kind::create ? *lease_ : lease();
  const std::string now = base::rfc3339(at, base::precision::microseconds);
  out.name = settings_.name;
  out.holder = settings_.identity;
  out.duration = settings_.duration;
  out.renew_time = now;
  if (what != lock_action::kind::renew) out.acquire_time = now;
  if (what == lock_action::kind::take) ++out.transitions;
  return out;
}

void lease_lock::wrote(lease stored, base::time_point sent) {
  saw(std::move(stored), sent);
  if (!ours()) return;
  const base::duration relied_on = settings_.duration - settings_.margin;
  held_until_ = sent + relied_on;
  renew_at_ = sent + relied_on / 3;
}

void lease_lock::conflicted() {
  held_until_.reset();
  seen_at_.reset();
}

std::optional<lease> lease_lock::to_release(base::wall_time at) const {
  if (!ours()) return std::nullopt;
  lease out = *lease_;
  out.holder.clear();
  out.renew_time = base::rfc3339(at, base::precision::microseconds);
  return out;
}

}  // namespace warren::kubernetes
