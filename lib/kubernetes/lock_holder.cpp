#include "kubernetes/lock_holder.hpp"

#include "kubernetes/errc.hpp"

#include <utility>

namespace warren::kubernetes {
namespace {

// Of reads and writes in one attempt. Each round that loses a race is one that another contender
// has won, who needs a moment with it.
constexpr int max_steps = 8;
constexpr int max_releases = 3;

}  // namespace

lock_holder::lock_holder(api_client& api, lock_settings settings)
    : api_(api), lock_(std::move(settings)) {}

std::optional<base::time_point> lock_holder::held_until() const {
  return lock_.held_until(base::steady::now());
}

async::awaitable<api_result<lock_state>> lock_holder::try_take(base::time_point deadline) {
  for (int step = 0; step < max_steps; ++step) {
    const lock_action action = lock_.next(base::steady::now());
    if (action.what == lock_action::kind::held) co_return lock_state{true, action.until, {}};
    if (action.what == lock_action::kind::wait) {
      co_return lock_state{false, action.until, lock_.holder()};
    }
    api_result<void> done;
    if (action.what == lock_action::kind::look) {
      done = co_await look(deadline);
    } else {
      lease draft = lock_.draft(action.what, base::wall_clock::now());
      const bool create = action.what == lock_action::kind::create;
      done = co_await send(std::move(draft), create, deadline);
    }
    if (!done) co_return done.error();
  }
  const base::time_point again = base::steady::now() + lock_.settings().look_every;
  co_return lock_state{false, again, lock_.holder()};
}

async::awaitable<api_result<void>> lock_holder::look(base::time_point deadline) {
  api_result<std::optional<lease>> seen = co_await get_lease(api_, lock_.settings().name, deadline);
  if (!seen) co_return seen.error();
  lock_.saw(std::move(*seen), base::steady::now());
  co_return api_result<void>();
}

// A conflict is no failure here: what to do next is the lock's decision.
async::awaitable<api_result<void>> lock_holder::send(lease l, bool create,
                                                     base::time_point deadline) {
  lock_.sending();
  const base::time_point sent = base::steady::now();
  api_result<lease> stored = api_failure();
  if (create) {
    stored = co_await create_lease(api_, std::move(l), deadline);
  } else {
    stored = co_await update_lease(api_, std::move(l), deadline);
  }
  if (stored) {
    lock_.wrote(std::move(*stored), sent);
  } else if (stored.error().why.code == errc::conflict) {
    lock_.conflicted();
  } else {
    co_return stored.error();
  }
  co_return api_result<void>();
}

async::awaitable<api_result<void>> lock_holder::release(base::time_point deadline) {
  lock_.give_up();
  for (int i = 0; i < max_releases; ++i) {
    if (!lock_.known()) {
      const api_result<void> looked = co_await look(deadline);
      if (!looked) co_return looked.error();
    }
    std::optional<lease> freed = lock_.to_release(base::wall_clock::now());
    if (!freed) co_return api_result<void>();
    const api_result<void> sent = co_await send(std::move(*freed), false, deadline);
    if (!sent) co_return sent.error();
  }
  base::failure why(errc::conflict, "release of the Lease " + lock_.settings().name);
  co_return api_failure{std::move(why), 0, std::nullopt};
}

}  // namespace warren::kubernetes
