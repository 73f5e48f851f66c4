#pragma once

#include "kubernetes/lease_lock.hpp"

#include <optional>
#include <string>

namespace warren::kubernetes {

// How an attempt to take the lock ended.
struct lock_state {
  bool held = false;
  base::time_point until;  // held: it must not be relied on from then; else: when to try again
  std::string holder;      // not held: whose it is; empty if that is not known
};

// Takes, renews and releases a lock by a Lease: obeys lease_lock. For one coroutine at a time.
class lock_holder {
 public:
  // `api` must outlive it.
  lock_holder(api_client& api, lock_settings settings);

  // One attempt: reads the Lease and takes the lock if it is free or ours, renews a hold when that
  // is due (from a third of it on). Does not wait for another holder; asked again before the time
  // that it named, it answers from what it has seen. Ends by `deadline`. A failure is one of the
  // API (forbidden, no answer); a hold that there was then still goes on until held_until(). Who
  // lost a race is told so by lock_state, not by a failure.
  async::awaitable<api_result<lock_state>> try_take(base::time_point deadline);

  // Gives up the lock, at once and whatever follows, and tells the others by an empty holder, so
  // that the next one need not wait. Does nothing if another one holds it. Ends by `deadline`;
  // after a failure the others wait for the lease's duration.
  async::awaitable<api_result<void>> release(base::time_point deadline);

  // When the hold ends, at the latest; nothing if the lock is not held now. Ask right before each
  // step of what is guarded.
  [[nodiscard]] std::optional<base::time_point> held_until() const;

 private:
  async::awaitable<api_result<void>> look(base::time_point deadline);
  async::awaitable<api_result<void>> send(lease l, bool create, base::time_point deadline);

  api_client& api_;
  lease_lock lock_;
};

}  // namespace warren::kubernetes
