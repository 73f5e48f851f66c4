#pragma once

#include "base/clock.hpp"
#include "kubernetes/lease.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace warren::kubernetes {

struct lock_settings {
  std::string name;      // of the Lease
  std::string identity;  // of this contender, the pod's uid: never that of two that live
  std::chrono::seconds duration{10};  // a holder that is silent for so long has lost it
  // The holder stops to rely on it so much earlier than the others may take it: a step that was
  // begun in time must end within it. Less than the duration.
  base::duration margin = std::chrono::seconds(2);
  base::duration look_every = std::chrono::seconds(1);  // while somebody else holds it
};

struct lock_action {
  enum class kind {
    look,    // read the Lease, then saw()
    create,  // create it, as draft() has it
    take,    // update it: nobody holds it, or its holder was silent for too long
    renew,   // update it: it is ours
    wait,    // another one holds it; ask again at `until`
    held,    // it is ours until `until`, at most: ask again earlier to renew it
  };
  kind what = kind::look;
  base::time_point until;  // wait, held
};

// Decides how a Lease is used as a lock, by the rules of client-go's leader election: another's
// hold ends once its content was not seen to change for the duration that it names, measured on the
// own monotonic clock; times in the Lease are for people. Each write names the resourceVersion that
// was seen, and a conflict means that somebody else was faster. Beyond client-go, a hold counts
// from when the request that got it was sent: a holder that slept longer knows it at once.
//
// A pause of the whole machine may stop the monotonic clock too. Hence what is done under the lock
// must be a write that is compared with what was read, or be checked again right before.
//
// Pure. Each write: draft(), sending(), the request, then wrote() or conflicted(); nothing if there
// was no answer, or another refusal.
class lease_lock {
 public:
  explicit lease_lock(lock_settings settings);

  [[nodiscard]] lock_action next(base::time_point now) const;
  // When the hold ends; nothing if it is not held at `now`.
  [[nodiscard]] std::optional<base::time_point> held_until(base::time_point now) const;
  // Who held it when it was last seen; empty: nobody, or it is not known.
  [[nodiscard]] std::string holder() const;
  [[nodiscard]] const lock_settings& settings() const { return settings_; }

  // The Lease has been read, the answer came at `now`. Nothing: there is none.
  void saw(std::optional<lease> seen, base::time_point now);

  // What create, take and renew write. `at` is for people.
  [[nodiscard]] lease draft(lock_action::kind what, base::wall_time at) const;
  // From here on it is not known what the Lease says, until the answer. A hold goes on.
  void sending() { seen_at_.reset(); }
  // It is stored; the request left at `sent`.
  void wrote(lease stored, base::time_point sent);
  // 409: not held, whatever was believed.
  void conflicted();

  // Gives the lock up: it is not held from here on.
  void give_up() { held_until_.reset(); }
  // What is to be written so that the next one need not wait; nothing if another one holds it, or
  // nobody. Only after saw() or wrote(), without sending() in between.
  [[nodiscard]] std::optional<lease> to_release(base::wall_time at) const;
  // False: read the Lease before to_release().
  [[nodiscard]] bool known() const { return seen_at_.has_value(); }

 private:
  [[nodiscard]] bool ours() const { return lease_ && lease_->holder == settings_.identity; }
  [[nodiscard]] base::time_point free_at() const;

  lock_settings settings_;
  std::optional<lease> lease_;               // as last seen or written
  std::optional<base::time_point> seen_at_;  // when; nothing if a write may have changed it
  base::time_point changed_at_;              // when another content was last seen
  std::optional<base::time_point> held_until_;
  base::time_point renew_at_;
};

}  // namespace warren::kubernetes
