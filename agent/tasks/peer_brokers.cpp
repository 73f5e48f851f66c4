#include "agent/tasks/peer_brokers.hpp"

#include "agent/tasks/broker_facts.hpp"
#include "agent/tasks/broker_link.hpp"
#include "async/task_group.hpp"
#include "erldist/errc.hpp"
#include "rabbitmq/broker.hpp"

#include <boost/asio/ip/address.hpp>

#include <exception>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace warren::agent {
namespace {

constexpr std::size_t most_addresses = 4;

std::vector<async::asio::ip::address> addresses_of(const domain::peer& who) {
  std::vector<async::asio::ip::address> addresses;
  for (const std::string& text : who.addresses) {
    base::error_code bad;
    const auto address = async::asio::ip::make_address(text, bad);
    if (!bad && addresses.size() < most_addresses) addresses.push_back(address);
  }
  return addresses;
}

// Runs the connection to its end, and wakes who looks over it. What it refers to must outlive it.
async::awaitable<void> keep(erldist::connection& link, std::optional<base::failure>& ended,
                            peer_beat& beat) {
  ended = co_await link.run();
  beat.look_now();
}

bool is_mistake(const base::failure& why) {
  return erldist::classify(why.code) == erldist::obstacle::mistake;
}

}  // namespace

peer_brokers::peer_brokers(const async::asio::any_io_executor& executor, snapshot_store& store,
                           peer_brokers_settings settings)
    : store_(store),
      settings_(std::move(settings)),
      rounds_(executor, store, settings_.intervals,
              [this](const domain::peer& who, peer_beat& beat) { return watch(who, beat); }) {}

async::awaitable<void> peer_brokers::watch(const domain::peer& who, peer_beat& beat) {
  base::backoff pause(settings_.mistake_delays, std::random_device{}());
  base::time_point not_before = base::time_point::min();
  for (;;) {
    co_await beat.due(not_before);
    const base::time_point asked = base::steady::now();
    auto link = co_await connect(who);
    if (link) {
      pause.reset();
      if (said_.well(who.node)) log(log_level::info, "connected to " + who.node);
      co_await serve(who, beat, **link);
      // What became of the broker should show at once, but one that hangs up on us each time must
      // not be called without a pause.
      beat.look_now();
      not_before = asked + settings_.intervals.hurried;
      continue;
    }
    const base::failure& why = link.error();
    const base::time_point now = base::steady::now();
    if (shows_that_it_does_not_run(why)) {
      const domain::broker_facts gone{.state = domain::presence::runs_not};
      note(who, gone, asked);
    } else {
      note(who, why, asked);
    }
    not_before = base::time_point::min();
    if (is_mistake(why)) {
      not_before = now + pause.next(now);
      tell(who, why);
    }
  }
}

async::awaitable<peer_brokers::connecting> peer_brokers::connect(const domain::peer& who) {
  base::result<base::secret> cookie = settings_.cookie();
  if (cookie.has_error()) co_return cookie.error();
  erldist::connect_target target;
  target.addresses = addresses_of(who);
  target.epmd_port = settings_.epmd_port;
  target.node = who.node;
  target.own_name = settings_.own_name;
  target.cookie = std::move(*cookie);
  target.creation = settings_.creation;
  co_return co_await erldist::connect(std::move(target), settings_.limits, {});
}

// Looks at the broker until the link is over.
async::awaitable<void> peer_brokers::serve(const domain::peer& who, peer_beat& beat,
                                           erldist::connection& link) {
  const auto executor = co_await async::asio::this_coro::executor;
  std::optional<base::failure> ended;
  std::exception_ptr broken;
  async::task_group tasks(executor, [&](std::string_view, const std::exception_ptr& e) {
    broken = e;
    ended.emplace(erldist::errc::connection_closed, who.node);
    beat.look_now();
  });
  tasks.spawn("keep the connection", keep(link, ended, beat));
  rabbitmq::broker there(link);
  std::exception_ptr stopped;
  try {
    while (!ended) {
      const base::time_point asked = base::steady::now();
      const auto facts = co_await there.formation(asked + settings_.call_timeout);
      if (facts) {
        note(who, facts_of(*facts), asked);
      } else {
        note(who, facts.error(), asked);
      }
      co_await beat.due();
    }
    // It may just have gone down: until the next attempt shows that, it is not known.
    note(who, *ended, base::steady::now());
  } catch (...) {
    stopped = std::current_exception();
  }
  // The task uses the connection: it must have ended before that goes, also on the way out.
  co_await async::asio::this_coro::throw_if_cancelled(false);
  tasks.cancel();
  co_await tasks.join();
  co_await async::asio::this_coro::throw_if_cancelled(true);
  if (stopped) std::rethrow_exception(stopped);
  if (broken) std::rethrow_exception(broken);
}

void peer_brokers::note(const domain::peer& who, const base::result<domain::broker_facts>& seen,
                        base::time_point asked) {
  store_.change(base::steady::now(), [&](snapshot& s) {
    domain::peer_sight* sight = domain::sight_of(s.sights, who);
    if (sight == nullptr) return;
    if (seen) {
      sight->broker.saw(*seen, asked);
      return;
    }
    // Something else answers now than EPMD's no: that no longer holds, however fresh it is.
    const bool was_gone =
        sight->broker.value && sight->broker.value->state == domain::presence::runs_not;
    if (was_gone) sight->broker = {};
    sight->broker.failed(seen.error());
  });
}

void peer_brokers::tell(const domain::peer& who, const base::failure& why) {
  const bool cookie = link_state_after(why) == domain::link_state::cookie_rejected;
  const std::string text = cookie ? explain(why, who.node) : why.text();
  if (said_.problem(who.node, text)) {
    log(log_level::warning, "cannot look at the broker of " + who.node + ": " + text);
  }
}

}  // namespace warren::agent
