#include "agent/tasks/broker_link.hpp"

#include "agent/tasks/broker_facts.hpp"
#include "agent/tasks/broker_looks.hpp"
#include "async/task_group.hpp"
#include "async/wakeup.hpp"
#include "erldist/errc.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <random>
#include <utility>

namespace warren::agent {
namespace {

using erldist::errc;

void add(erldist::connection_counters& sum, const erldist::connection_counters& more) {
  sum.bytes_received += more.bytes_received;
  sum.bytes_sent += more.bytes_sent;
  sum.calls += more.calls;
  sum.answers += more.answers;
  sum.late_answers += more.late_answers;
  sum.timeouts += more.timeouts;
  sum.ticks_received += more.ticks_received;
  sum.ticks_sent += more.ticks_sent;
  sum.ignored_messages += more.ignored_messages;
  sum.broken_messages += more.broken_messages;
}

// Runs the connection to its end and says why it ended. What it refers to must outlive it.
async::awaitable<void> keep(erldist::connection& link, base::failure& why, async::wakeup& over) {
  why = co_await link.run();
  over.notify();
}

}  // namespace

domain::link_state link_state_after(const base::failure& why) {
  if (why.code == errc::cookie_rejected) return domain::link_state::cookie_rejected;
  if (why.code == errc::peer_digest_wrong) return domain::link_state::cookie_rejected;
  if (why.code == errc::tls_expected) return domain::link_state::tls_expected;
  if (why.code == errc::name_differs) return domain::link_state::name_differs;
  switch (erldist::classify(why.code)) {
    case erldist::obstacle::away:
      return domain::link_state::away;
    case erldist::obstacle::silent:
      return domain::link_state::silent;
    case erldist::obstacle::mistake:
      return domain::link_state::not_allowed;
    case erldist::obstacle::unclear:
      return domain::link_state::unclear;
  }
  return domain::link_state::away;
}

std::string explain(const base::failure& why, const std::string& node) {
  switch (link_state_after(why)) {
    case domain::link_state::cookie_rejected:
      return why.text() + " Give " + node +
             " and this agent the same cookie: WARREN_COOKIE_FILE or RABBITMQ_ERLANG_COOKIE.";
    case domain::link_state::tls_expected:
      return why.text() + " This agent speaks plain distribution only.";
    case domain::link_state::name_differs:
      return why.text() + " Set WARREN_NODE to the broker's RABBITMQ_NODENAME.";
    default:
      return why.text();
  }
}

broker_link::broker_link(snapshot_store& store, broker_link_settings settings)
    : store_(store),
      settings_(std::move(settings)),
      away_pause_(settings_.away_delays, std::random_device{}()),
      mistake_pause_(settings_.mistake_delays, std::random_device{}()) {}

broker_link_counters broker_link::counters() const {
  broker_link_counters sum = counters_;
  if (current_ != nullptr) add(sum.traffic, current_->counters());
  return sum;
}

std::optional<base::time_point> broker_link::last_answer() const {
  if (current_ == nullptr) return std::nullopt;
  return current_->last_answer();
}

async::awaitable<void> broker_link::run() {
  for (;;) {
    const base::time_point asked = base::steady::now();
    base::result<base::secret> cookie = settings_.cookie();
    if (cookie.has_error()) {
      note_failed(domain::link_state::no_cookie, cookie.error(), asked);
      co_await async::sleep_for(away_pause_.next(base::steady::now()));
      continue;
    }
    erldist::connect_target target = settings_.target;
    target.cookie = std::move(*cookie);
    auto link = co_await erldist::connect(std::move(target), settings_.limits, {});
    base::failure why;
    if (link) {
      note_connected(**link);
      why = co_await serve(**link);
      note_lost(why);
    } else {
      why = link.error();
      note_failed(link_state_after(why), why, asked);
    }
    co_await async::sleep_for(pause_after(why));
  }
}

async::awaitable<base::failure> broker_link::serve(erldist::connection& link) {
  const auto executor = co_await async::asio::this_coro::executor;
  current_ = &link;
  async::wakeup over(executor);
  base::failure why;
  std::exception_ptr broken;
  async::task_group tasks(executor, [&](std::string_view, const std::exception_ptr& e) {
    broken = e;
    over.notify();
  });
  broker_looks eyes(executor, store_, link, settings_, counters_);
  tasks.spawn("keep the connection", keep(link, why, over));
  tasks.spawn("look at the broker", eyes.look_often());
  tasks.spawn("watch the listeners", eyes.watch_ports());
  tasks.spawn("look at the cluster", eyes.look_at_cluster());
  std::exception_ptr stopped;
  try {
    co_await over.wait_until(base::time_point::max());
  } catch (...) {
    stopped = std::current_exception();
  }
  // The tasks use the connection: they must have ended before it goes, also on the way out.
  co_await async::asio::this_coro::throw_if_cancelled(false);
  tasks.cancel();
  co_await tasks.join();
  co_await async::asio::this_coro::throw_if_cancelled(true);
  current_ = nullptr;
  add(counters_.traffic, link.counters());
  if (stopped) std::rethrow_exception(stopped);
  if (broken) std::rethrow_exception(broken);
  co_return why;
}

void broker_link::note_connected(const erldist::connection& link) {
  ++counters_.connects;
  away_pause_.reset();
  mistake_pause_.reset();
  const base::time_point now = base::steady::now();
  store_.change(now, [&](snapshot& s) {
    domain::broker_view& broker = s.world.broker;
    // Another incarnation is another broker: nothing that was seen of the old one holds.
    if (broker.link.creation != link.creation()) {
      broker = domain::broker_view{};
    }
    broker.link = {.state = domain::link_state::connected,
                   .detail = {},
                   .since = now,
                   .last_answer = link.last_answer(),
                   .creation = link.creation()};
    s.formation.broker = {};
    s.formation.broker.saw({.state = domain::presence::runs}, now);
    s.may_start = true;
  });
}

void broker_link::note_failed(domain::link_state state, const base::failure& why,
                              base::time_point asked) {
  const base::time_point now = base::steady::now();
  store_.change(now, [&](snapshot& s) {
    domain::link_view& link = s.world.broker.link;
    if (link.state != state) link.since = now;
    link.state = state;
    link.detail = explain(why, s.world.node);
    if (shows_that_it_does_not_run(why)) {
      s.formation.broker.saw({.state = domain::presence::runs_not}, asked);
    } else {
      s.formation.broker.failed(why);
    }
  });
}

void broker_link::note_lost(const base::failure& why) {
  const base::time_point now = base::steady::now();
  // A node that stopped ticking is silent, one whose socket closed is gone until it is found again.
  const bool silent = why.code == errc::peer_silent;
  store_.change(now, [&](snapshot& s) {
    domain::link_view& link = s.world.broker.link;
    link.state = silent ? domain::link_state::silent : domain::link_state::away;
    link.since = now;
    link.detail = explain(why, s.world.node);
    s.formation.broker.failed(why);
  });
}

base::duration broker_link::pause_after(const base::failure& why) {
  const base::time_point now = base::steady::now();
  const bool mistake = erldist::classify(why.code) == erldist::obstacle::mistake;
  return mistake ? mistake_pause_.next(now) : away_pause_.next(now);
}

}  // namespace warren::agent
