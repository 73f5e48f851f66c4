#include "agent/tasks/broker_looks.hpp"

#include "agent/tasks/port_watch.hpp"

#include <algorithm>
#include <utility>

namespace warren::agent {
namespace {

domain::boot_state to_domain(rabbitmq::boot_state s) {
  switch (s) {
    case rabbitmq::boot_state::stopped:
      return domain::boot_state::stopped;
    case rabbitmq::boot_state::booting:
      return domain::boot_state::booting;
    case rabbitmq::boot_state::core_started:
      return domain::boot_state::core_started;
    case rabbitmq::boot_state::ready:
      return domain::boot_state::ready;
    case rabbitmq::boot_state::stopping:
      return domain::boot_state::stopping;
  }
  return domain::boot_state::stopped;
}

std::vector<domain::alarm> to_domain(const std::vector<std::string>& resources) {
  std::vector<domain::alarm> alarms;
  alarms.reserve(resources.size());
  for (const std::string& r : resources) alarms.push_back({r});
  return alarms;
}

std::vector<domain::listener> to_domain(const std::vector<rabbitmq::listener>& found) {
  std::vector<domain::listener> listeners;
  listeners.reserve(found.size());
  for (const rabbitmq::listener& l : found) listeners.push_back({l.protocol, l.address, l.port});
  return listeners;
}

// Puts what was asked into the observation: the value, or why there is none.
template <class T, class U, class Convert>
void note(base::observed<T>& observation, const base::result<U>& answer, base::time_point now,
          Convert convert) {
  if (answer) {
    observation.saw(convert(*answer), now);
  } else {
    observation.failed(answer.error());
  }
}

constexpr base::duration recheck_interval = std::chrono::seconds(1);

constexpr auto as_it_is = [](auto value) { return value; };

}  // namespace

broker_looks::broker_looks(snapshot_store& store, erldist::connection& link,
                           const broker_link_settings& settings, broker_link_counters& counters)
    : store_(store), link_(link), settings_(settings), counters_(counters), broker_(link) {}

async::awaitable<void> broker_looks::look_often() {
  for (;;) {
    const base::time_point next = async::next_beat(settings_.check_interval);
    co_await look();
    co_await async::sleep_until(next);
  }
}

async::awaitable<void> broker_looks::watch_ports() {
  for (;;) {
    const base::time_point next = async::next_beat(settings_.check_interval);
    if (listeners_matter()) {
      if (!store_.current().world.broker.listeners.current()) co_await look_at_listeners();
      co_await look_at_ports();
    }
    co_await async::sleep_until(next);
  }
}

async::awaitable<void> broker_looks::look_at_cluster() {
  for (;;) {
    const base::time_point deadline = base::steady::now() + settings_.call_timeout;
    const base::time_point next = async::next_beat(settings_.members_interval);
    if (store_.current().world.broker.version.empty()) {
      const auto version = co_await broker_.version(deadline);
      const base::time_point now = base::steady::now();
      if (version) store_.change(now, [&](snapshot& s) { s.world.broker.version = *version; });
    }
    const auto cluster = co_await broker_.cluster(deadline);
    const base::time_point now = base::steady::now();
    store_.change(now, [&](snapshot& s) {
      note(s.world.broker.cluster, cluster, now, [](const rabbitmq::membership& m) {
        return domain::membership{m.members, m.running, m.partitioned};
      });
    });
    if (listeners_matter()) co_await look_at_listeners();
    co_await async::sleep_until(next);
  }
}

bool broker_looks::listeners_matter() const {
  const domain::broker_view& broker = store_.current().world.broker;
  return broker.boot.current() && *broker.boot.value == domain::boot_state::ready &&
         !broker.draining.value.value_or(false);
}

async::awaitable<void> broker_looks::look() {
  const base::time_point asked = base::steady::now();
  store_.change(asked, [asked](snapshot& s) {
    domain::link_view& link = s.world.broker.link;
    const bool answered = link.asked_at && link.last_answer && *link.last_answer > *link.asked_at;
    if (!link.asked_at || answered) link.asked_at = asked;
  });
  const rabbitmq::pulse pulse = co_await broker_.look(base::steady::now() + settings_.call_timeout);
  if (pulse.boot.has_error()) ++counters_.failed_looks;
  const base::time_point now = base::steady::now();
  settings_.count(domain::name(domain::check::running), now - asked, pulse.boot.has_value());
  store_.change(now, [&](snapshot& s) {
    domain::broker_view& broker = s.world.broker;
    broker.link.last_answer = link_.last_answer();
    note(broker.boot, pulse.boot, now, [](rabbitmq::boot_state b) { return to_domain(b); });
    note(broker.paused, pulse.paused, now, as_it_is);
    note(broker.draining, pulse.draining, now, as_it_is);
    note(broker.alarms, pulse.alarms, now,
         [](const std::vector<std::string>& resources) { return to_domain(resources); });
  });
}

async::awaitable<void> broker_looks::look_at_listeners() {
  const auto found = co_await broker_.listeners(base::steady::now() + settings_.call_timeout);
  const base::time_point now = base::steady::now();
  store_.change(now, [&](snapshot& s) {
    note(s.world.broker.listeners, found, now,
         [](const std::vector<rabbitmq::listener>& l) { return to_domain(l); });
  });
}

// The kernel's table is read at each look; real connects are made when it changed, and now and
// then.
async::awaitable<void> broker_looks::look_at_ports() {
  const auto open = sockets_.ports();
  const auto& known = store_.current().world.broker.listeners;
  if (!known.value) co_return;
  const auto missing_ports = [&] {
    std::vector<std::uint16_t> ports;
    if (open.has_error()) return ports;  // without the table the connects alone must do
    for (const domain::listener& l : without_socket(*known.value, *open)) ports.push_back(l.port);
    return ports;
  };
  std::vector<std::uint16_t> missing = missing_ports();
  const base::time_point began = base::steady::now();
  const bool changed = missing != missing_;
  if (!changed && began < connect_due_) {
    store_.change(began, [&](snapshot& s) {
      if (s.world.broker.ports.value) s.world.broker.ports.confirmed(began);
    });
    co_return;
  }
  if (changed) {
    // A plugin that was disabled and a drain take listeners away, too: ask before judging.
    co_await look();
    co_await look_at_listeners();
    if (!listeners_matter() || !known.current()) co_return;
    missing = missing_ports();
  }
  const auto views = co_await connect_to_all(*known.value, began + settings_.connect_timeout);
  missing_ = std::move(missing);
  const bool all_accept = views && std::ranges::all_of(*views, &domain::port_view::accepts);
  // A listener that is in trouble is tried more often, so that its recovery shows soon.
  connect_due_ = began + (all_accept ? settings_.connect_interval : recheck_interval);
  const base::time_point now = base::steady::now();
  settings_.count(domain::name(domain::check::port_connectivity), now - began, views.has_value());
  store_.change(now, [&](snapshot& s) { note(s.world.broker.ports, views, now, as_it_is); });
}

}  // namespace warren::agent
