#include "tests/simulation/agent.hpp"
#include "tests/simulation/world.hpp"

#include <memory>
#include <utility>

// How an agent does what was decided: each step takes its time, and may have its effect although
// the agent has ended or has been told that it failed.
namespace warren::simulation {
namespace {

using namespace std::chrono_literals;

// client-go's rules: a Lease of another counts as held until it has not changed for that long.
constexpr duration lease_duration = 15s;
constexpr duration surely_held = 10s;
constexpr duration call_deadline = 5s;

base::failure failed(const std::string& why) {
  return {boost::system::errc::make_error_code(boost::system::errc::timed_out), why};
}

}  // namespace

void agent::take_lock() {
  if (!view_.leases) return lock_held();
  call_api([this] { return w_.api.get(lease_name::lock); },
           [this](const api_answer& a) {
             const auto again_later = [this] {
               post(w_.luck.between(300ms, 900ms), [this] { done(current_); });
             };
             if (a.code == api_code::forbidden) {
               view_.leases = false;
               return done(current_);
             }
             if (a.code != api_code::ok && a.code != api_code::not_found) return again_later();
             const time_point sent = w_.time.now();
             const lease mine{.holder = pod_.uid};
             if (a.code == api_code::not_found) {
               call_api(
                   [this, mine] {
                     api_answer made = w_.api.create(lease_name::lock, mine);
                     landed(current_);
                     return made;
                   },
                   [this, sent](const api_answer& b) { lock_answered(sent, b); });
               return;
             }
             const lease& held = *a.what;
             if (held.version != lock_version_) {
               lock_version_ = held.version;
               lock_seen_at_ = w_.time.now();
             }
             const bool free = held.holder.empty() || held.holder == pod_.uid ||
                               w_.time.now() - lock_seen_at_ >= lease_duration;
             if (!free) return again_later();
             call_api(
                 [this, mine, version = held.version] {
                   api_answer made = w_.api.update(lease_name::lock, mine, version);
                   landed(current_);
                   return made;
                 },
                 [this, sent](const api_answer& b) { lock_answered(sent, b); });
           });
}

void agent::lock_answered(time_point sent, const api_answer& a) {
  if (a.code != api_code::ok) {
    post(w_.luck.between(300ms, 900ms), [this] { done(current_); });
    return;
  }
  view_.lock_until = sent + surely_held;
  lock_version_ = a.what->version;
  lock_seen_at_ = w_.time.now();
  lock_held();
}

// Without Leases it is this agent's word alone.
void agent::lock_held() {
  view_.lock_taken_at = w_.time.now();
  if (!view_.leases) view_.lock_until = w_.time.now() + surely_held;
  look_at_all();
  done(current_);
}

void agent::drop_lock() {
  view_.lock_taken_at.reset();
  view_.lock_until.reset();
  if (!view_.leases) return done(current_);
  call_api(
      [this, uid = pod_.uid, version = lock_version_] {
        const api_answer held = w_.api.get(lease_name::lock);
        api_answer released;
        if (held.code == api_code::ok && held.what->holder == uid) {
          released = w_.api.update(lease_name::lock, {}, version);
        }
        landed(current_);
        return released;
      },
      [this](const api_answer&) { done(current_); });
}

void agent::write_record() {
  if (!view_.record.value) return done(current_);
  const std::string version = view_.record.value->resource_version;
  const lease wanted{.record = current_.record};
  call_api(
      [this, wanted, version] {
        api_answer a = version.empty()
                           ? w_.api.create(lease_name::record, wanted)
                           : w_.api.update(lease_name::record, wanted, std::stol(version));
        landed(current_);
        return a;
      },
      [this, wanted](const api_answer& a) {
        if (a.code == api_code::ok) {
          // It is as fresh as its request, but reads that were begun before must not undo it.
          const std::string got = std::to_string(a.what->version);
          view_.record.saw({.record = wanted.record, .resource_version = got}, w_.time.now());
          view_.written_version = got;
          w_.tell("agent " + std::to_string(pod_.ordinal),
                  [&] { return "has written the record, version " + got; });
        } else {
          view_.record.failed(failed(a.detail));
        }
        record_read_after_ = w_.time.now();
        look_at_record();
        if (a.code == api_code::ok) return done(current_);
        post(w_.luck.between(50ms, 300ms), [this] { done(current_); });
      });
}

void agent::write_mark() {
  post(w_.luck.between(1ms, 30ms), [this] {
    const bool skips = w_.broken != nullptr && w_.broken->skips && w_.broken->skips(current_);
    if (!skips) pod_.volume->mark = current_.mark;
    mark_written_ = current_.mark;
    post(w_.luck.between(0ms, 3ms), [this] {
      if (view_.disk.value) view_.disk.value->mark = current_.mark;
      done(current_);
    });
    landed(current_);
  });
}

void agent::write_door() {
  post(w_.luck.between(1ms, 20ms), [this] {
    pod_.conf = current_.door;
    pod_.conf_written = w_.time.now();
    post(w_.luck.between(0ms, 3ms), [this] {
      view_.door.saw(current_.door, w_.time.now());
      view_.door_read = has_read_door();
      if (current_.restart) {
        restarts_ = pod_.broker.incarnation();
        view_.restarting = true;
        // The broker's liveness fails until it is another incarnation, while this process lives.
        post(w_.luck.between(5s, 90s), [this, before = pod_.broker.incarnation()] {
          if (pod_.broker.incarnation() == before) pod_.broker.kill("liveness");
        });
      }
      done(current_);
    });
    landed(current_);
  });
}

void agent::open() {
  pod_.guard_open = true;
  view_.gate_open = true;
  post(w_.luck.between(0ms, 2ms), [this] {
    w_.set.gate_opened(pod_);
    done(current_);
  });
  landed(current_);
}

// A call to a broker: it may arrive late, be lost on the way, or have its answer lost.
void agent::call_broker(int node, const std::function<void(const std::function<void(bool)>&)>& what,
                        const std::function<void(bool)>& reply) {
  const auto answered = std::make_shared<bool>(false);
  const auto answer = [reply, answered](bool ok) {
    if (!*answered) reply(ok);
    *answered = true;
  };
  post(call_deadline, [answer] { answer(false); });
  const bool lost = !w_.net.reaches(pod_.ordinal, node) || w_.luck.chance(w_.the.lost);
  if (lost && w_.luck.chance(0.5)) return;
  w_.time.after(w_.luck.between(200us, w_.the.latency), [this, what, answer, lost, life = life_] {
    what([this, answer, lost, life](bool ok) {
      if (life != life_ || lost) return;
      post(w_.luck.between(200us, w_.the.latency), [answer, ok] { answer(ok); });
    });
  });
}

void agent::forget() {
  const int via = ordinal_of(current_.via);
  // The replicas of its queues and streams first, then the member.
  post(w_.luck.between(50ms, 1s), [this, via] {
    const bool held = view_.lock_until && w_.time.now() < *view_.lock_until;
    const bool unlocked = w_.broken != nullptr && !view_.lock_until;
    if (!held && !unlocked) return done(current_);  // no part of it once the lock is lost
    call_broker(
        via,
        [this, via](const std::function<void(bool)>& told) {
          broker* b = w_.set.broker_at(via);
          const bool ok = b != nullptr && b->forget(pod_.ordinal);
          landed(current_);
          told(ok);
        },
        [this](bool ok) {
          if (ok) view_.forgotten = true;
          for (const domain::formation_member& m : view_.members) {
            if (m.pod_uid) ask_broker(m.node, *m.pod_uid);
          }
          post(w_.luck.between(50ms, ok ? duration(100ms) : duration(1s)),
               [this] { done(current_); });
        });
  });
}

void agent::join() {
  const int via = ordinal_of(current_.via);
  const auto end = [this](bool) {
    look_at_itself();
    post(w_.luck.between(100ms, 500ms), [this] { done(current_); });
  };
  const auto start_app = [this, end](bool) {
    call_broker(
        pod_.ordinal,
        [this](const std::function<void(bool)>& told) {
          pod_.broker.start_app(told);
          landed(current_);
        },
        end);
  };
  const auto join_it = [this, via, start_app, end](bool stopped) {
    if (!stopped) return end(false);
    call_broker(
        pod_.ordinal,
        [this, via](const std::function<void(bool)>& told) { pod_.broker.join_by_call(via, told); },
        start_app);
  };
  call_broker(
      pod_.ordinal, [this](const std::function<void(bool)>& told) { pod_.broker.stop_app(told); },
      join_it);
}

}  // namespace warren::simulation
