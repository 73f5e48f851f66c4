#include "agent/tasks/formation_loop.hpp"

#include "agent/data_folder.hpp"
#include "agent/door_file.hpp"
#include "agent/mark_file.hpp"
#include "async/beside.hpp"
#include "kubernetes/errc.hpp"
#include "rabbitmq/errc.hpp"
#include "rabbitmq/join.hpp"

#include <algorithm>
#include <utility>

namespace warren::agent {
namespace {

using namespace std::chrono_literals;
using domain::formation_act;

constexpr base::duration request_timeout = 3s;
constexpr base::duration act_timeout = 60s;  // of a join or of forgetting
constexpr base::duration renew_interval = 1s;
constexpr base::duration failed_pause = 500ms;
constexpr base::duration refused_pause = 10s;
constexpr base::duration way_pause = 2s;  // others look for a free lock more often

async::awaitable<base::result<void>> forget_over(erldist::connection& link, std::string node,
                                                 base::time_point deadline,
                                                 std::function<bool()> may_go_on,
                                                 rabbitmq::forget_report& report) {
  report = co_await rabbitmq::forget(link, std::move(node), deadline, std::move(may_go_on));
  if (report.problem) co_return *report.problem;
  co_return base::result<void>();
}

bool is_member(const snapshot& s) {
  const auto& disk = s.formation.disk;
  return disk.current() && disk.value->mark &&
         disk.value->mark->state == domain::mark_state::member;
}

}  // namespace

formation_loop::formation_loop(const async::asio::any_io_executor& executor,
                               kubernetes::api_client* api, snapshot_store& store,
                               formation_looks& looks, record_keeper* record,
                               formation_loop_settings settings)
    : executor_(executor),
      store_(store),
      looks_(looks),
      record_(record),
      settings_(std::move(settings)) {
  if (api == nullptr) return;
  kubernetes::lock_settings lock;
  lock.name = settings_.service + "-formation";
  lock.identity = store_.current().formation.pod_uid;
  lock.duration = settings_.lock_duration;
  lock_ = std::make_unique<kubernetes::lock_holder>(*api, lock);
}

async::awaitable<void> formation_loop::run() {
  for (;;) {
    const base::time_point began = base::steady::now();
    co_await ask_for_lock_again();
    looks_.look();
    decide();
    const bool done = co_await obey(store_.current().decision);
    if (done) {
      // Others must have their turn: the guard is told that this loop lives, peers are answered.
      co_await async::sleep_for(1ms);
      continue;
    }
    const snapshot& s = store_.current();
    if (!s.hurry || s.decision.reason != reason_) {
      reason_ = s.decision.reason;
      same_since_ = began;
    }
    base::duration pause = s.hurry ? settings_.hurried : settings_.calm;
    // What has not moved for a minute is looked at less often.
    if (s.hurry && began - same_since_ > 1min) pause = 10 * settings_.hurried;
    co_await async::sleep_until(async::next_beat(pause));
    const bool stopped = base::steady::now() - began > 10s;
    // After a pause of the whole process nothing that was seen before it holds.
    if (stopped) settings_.look_at_peers();
  }
}

void formation_loop::decide() {
  const base::time_point now = base::steady::now();
  domain::formation_step step = domain::next_step(store_.current().formation, settings_.rules, now);
  const bool on_its_way =
      step.act == formation_act::take_lock || (step.act == formation_act::wait && step.under_lock);
  if (step.act != failed_act_ && !on_its_way) failure_.clear();
  if (!failure_.empty()) {
    step.reason += "; " + failure_;
    // The Event is about a gate or a joiner; a member that cannot write the record runs.
    if (step.problem.empty() && !is_member(store_.current())) step.problem = failure_problem_;
  }
  // A problem is a warning only once it has lasted, and is an Event then too.
  const bool news = step.reason != store_.current().decision.reason;
  if (news) log(log_level::info, "formation: " + step.reason);
  const bool outside = domain::is_outside(store_.current().formation, settings_.rules, now);
  store_.change(now, [&](snapshot& s) {
    domain::broker_view& broker = s.world.broker;
    broker.outside = outside ? step.reason : "";
    // Whatever it was to be restarted for, it has come in.
    const auto& own = broker.cluster.value;
    if (is_member(s) || (own && own->members.size() > 1)) s.outdated_creation.reset();
    broker.outdated_door = s.outdated_creation && *s.outdated_creation == broker.link.creation;
    s.decision = std::move(step);
    s.hurry = !s.may_start || !is_member(s) || s.decision.act != formation_act::wait;
  });
  // A member keeps the record; it is read when there may be something to write.
  const auto& cluster = store_.current().world.broker.cluster.value;
  if (record_ != nullptr && cluster && cluster->members != members_) {
    record_->look_now();
    members_ = cluster->members;
  }
}

async::awaitable<bool> formation_loop::obey(domain::formation_step step) {
  switch (step.act) {
    case formation_act::wait:
      co_return false;
    case formation_act::take_lock:
      co_return co_await take_lock();
    case formation_act::drop_lock:
      co_await drop_lock();
      co_return true;
    case formation_act::write_record:
      co_return co_await write_record(step);
    case formation_act::write_mark:
    case formation_act::write_door:
      co_return co_await write_files(step);
    case formation_act::open:
      store_.change(base::steady::now(), [](snapshot& s) {
        s.may_start = true;
        s.formation.gate_open = true;
      });
      co_return true;
    case formation_act::forget:
      co_return co_await forget(step.via);
    case formation_act::join:
      co_return co_await join(step.via);
  }
  co_return false;
}

bool formation_loop::failed(std::string_view what, const base::failure& why) {
  failed_act_ = store_.current().decision.act;
  failure_ = std::string(what) + ": " + why.text();
  failure_problem_ = why.code == rabbitmq::errc::no_majority ? "QuorumLost" : "FormationWaiting";
  if (said_.problem(what, why.text())) {
    log(log_level::warning, "formation: " + std::string(what) + ": " + why.text());
  }
  return false;
}

async::awaitable<bool> formation_loop::take_lock() {
  if (!store_.current().formation.leases) {
    const base::time_point now = base::steady::now();
    store_.change(now, [&](snapshot& s) {
      s.formation.lock_taken_at = now;
      s.formation.lock_until = base::time_point::max();
    });
    settings_.look_at_peers();
    looks_.look_now();
    co_return true;
  }
  const auto taken = co_await lock_->try_take(base::steady::now() + request_timeout);
  const base::time_point now = base::steady::now();
  const auto until = lock_->held_until();
  store_.change(now, [&](snapshot& s) {
    s.formation.lock_until = until;
    s.formation.lock_taken_at = until ? std::optional(now) : std::nullopt;
  });
  if (!taken) {
    const base::failure& why = taken.error().why;
    failed("the lock cannot be taken", why);
    if (permission_.refused(why.code, now)) {
      lock_refused_at_ = now;
      store_.change(now, [](snapshot& s) { s.formation.leases = false; });
    }
    co_await async::sleep_for(failed_pause);
    co_return false;
  }
  permission_.granted();
  lock_refused_at_.reset();
  said_.well("the lock cannot be taken");
  if (!taken->held) co_return false;
  settings_.look_at_peers();
  record_->look_now();
  looks_.look_now();
  co_return true;
}

// Somebody may have mended the Role.
async::awaitable<void> formation_loop::ask_for_lock_again() {
  const base::time_point asked = base::steady::now();
  if (!lock_refused_at_ || asked - *lock_refused_at_ < refused_pause) co_return;
  lock_refused_at_ = asked;
  const auto taken = co_await lock_->try_take(asked + request_timeout);
  // Held by another one, it may have been read only.
  if (!taken || !taken->held) co_return;
  lock_refused_at_.reset();
  permission_.granted();
  said_.well("the lock cannot be taken");
  store_.change(base::steady::now(), [](snapshot& s) { s.formation.leases = true; });
  co_await drop_lock();
}

async::awaitable<void> formation_loop::drop_lock() {
  store_.change(base::steady::now(), [](snapshot& s) {
    s.formation.lock_taken_at.reset();
    s.formation.lock_until.reset();
  });
  if (!store_.current().formation.leases) co_return;
  const auto released = co_await lock_->release(base::steady::now() + request_timeout);
  if (!released) failed("the lock cannot be given back", released.error().why);
}

async::awaitable<bool> formation_loop::write_record(const domain::formation_step& step) {
  base::time_point deadline = base::steady::now() + request_timeout;
  const auto until = store_.current().formation.lock_until;
  if (step.under_lock && until) deadline = std::min(deadline, *until);
  const base::result<void> written = co_await record_->write(step.record, deadline);
  if (written) {
    said_.well("the record cannot be written");
    co_return true;
  }
  // Somebody else was faster: it is read again, and decided anew.
  if (written.error().code != kubernetes::errc::conflict) {
    failed("the record cannot be written", written.error());
    co_await async::sleep_for(failed_pause);
  }
  co_return false;
}

async::awaitable<bool> formation_loop::write_files(const domain::formation_step& step) {
  const base::time_point now = base::steady::now();
  const bool is_mark = step.act == formation_act::write_mark;
  const std::string& node = store_.current().formation.node;
  const base::result<void> written = is_mark ? write_mark(settings_.data_dir, step.mark)
                                             : write_door(settings_.conf_dir, step.door, node);
  const std::string_view what =
      is_mark ? "the mark cannot be written" : "the door cannot be written";
  if (!written) {
    if (step.under_lock) co_return co_await gives_way(std::string(what), written.error());
    failed(what, written.error());
    co_await async::sleep_for(failed_pause);
    co_return false;
  }
  said_.well(what);
  if (step.restart) {
    store_.change(now, [](snapshot& s) { s.outdated_creation = s.world.broker.link.creation; });
  }
  co_return true;
}

base::result<erldist::connect_target> formation_loop::target(const std::string& node) const {
  erldist::connect_target to = settings_.broker;
  base::result<base::secret> cookie = settings_.cookie();
  if (!cookie) return cookie.error();
  to.cookie = std::move(*cookie);
  // A name of its own: the node would take a second connection under one name for the first.
  to.own_name = "act-" + to.own_name;
  if (node == to.node) return to;
  to.node = node;
  to.addresses.clear();
  const auto sight = store_.current().sights.find(node);
  if (sight != store_.current().sights.end()) {
    for (const std::string& text : sight->second.addresses) {
      base::error_code error;
      const auto address = async::asio::ip::make_address(text, error);
      if (!error) to.addresses.push_back(address);
    }
  }
  return to;
}

std::function<bool()> formation_loop::holds_lock() const {
  return [this] { return store_.current().formation.holds_lock(base::steady::now()); };
}

// What fails may fail again and again: others have their turn meanwhile.
async::awaitable<bool> formation_loop::gives_way(std::string what, base::failure why) {
  failed(what, why);
  co_await drop_lock();
  std::uniform_real_distribution<double> spread(0.5, 1.5);
  const base::duration pause = std::chrono::duration_cast<base::duration>(
      spread(random_) * std::chrono::duration<double>(way_pause));
  co_await async::sleep_for(pause);
  co_return false;
}

// Once it was not held for a moment, another may have had it: what was decided does not hold then.
async::awaitable<void> formation_loop::renew() {
  if (!lock_ || !store_.current().formation.leases) co_return;
  const std::function<bool()> held = holds_lock();
  for (;;) {
    co_await async::sleep_for(renew_interval);
    bool lost = !held();
    if (!lost) {
      const auto kept = co_await lock_->try_take(base::steady::now() + request_timeout);
      lost = !held() || (kept && !kept->held);
    }
    const auto until = lock_->held_until();
    store_.change(base::steady::now(), [&](snapshot& s) {
      s.formation.lock_until = until;
      if (!lost) return;
      s.formation.lock_until.reset();
      s.formation.lock_taken_at.reset();
    });
    if (lost) co_return;
  }
}

async::awaitable<base::result<void>> formation_loop::holding(erldist::connect_target to,
                                                             broker_work work) {
  auto done = with_broker(std::move(to), {}, std::move(work));
  co_return co_await async::beside("keep the lock", renew(), std::move(done));
}

async::awaitable<bool> formation_loop::forget(std::string via) {
  const std::string what = "what this node was cannot be forgotten";
  auto to = target(via);
  if (!to) co_return failed(what, to.error());
  const base::time_point deadline = base::steady::now() + act_timeout;
  const std::string node = store_.current().formation.node;
  const auto& own = store_.current().formation.broker.value;
  if (own && own->state == domain::presence::runs) {
    // It runs alone, and Mnesia forgets a node only while its broker is stopped.
    auto here = target(settings_.broker.node);
    if (!here) co_return failed(what, here.error());
    broker_work stop = [&](erldist::connection& link) {
      return rabbitmq::stop_to_be_forgotten(link, deadline);
    };
    const base::result<void> stopped = co_await holding(std::move(*here), std::move(stop));
    if (!stopped) co_return co_await gives_way(what, stopped.error());
  }
  rabbitmq::forget_report report;
  broker_work work = [&](erldist::connection& link) {
    return forget_over(link, node, deadline, holds_lock(), report);
  };
  const base::result<void> done = co_await holding(std::move(*to), std::move(work));
  settings_.look_at_peers();
  settings_.forgot(report);
  if (!done) co_return co_await gives_way(what, done.error());
  said_.well(what);
  store_.change(base::steady::now(), [](snapshot& s) { s.formation.forgotten = true; });
  co_return true;
}

async::awaitable<bool> formation_loop::join(std::string via) {
  auto to = target(settings_.broker.node);
  if (!to) co_return failed("cannot join", to.error());
  const base::time_point deadline = base::steady::now() + act_timeout;
  broker_work work = [&](erldist::connection& link) {
    return rabbitmq::join_by_calls(link, via, deadline, holds_lock());
  };
  const base::result<void> done = co_await holding(std::move(*to), std::move(work));
  settings_.look_at_peers();
  if (!done) co_return co_await gives_way("cannot join " + via, done.error());
  said_.well("cannot join " + via);
  co_return true;
}

}  // namespace warren::agent
