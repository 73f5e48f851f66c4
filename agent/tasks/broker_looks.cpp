#include "agent/tasks/broker_looks.hpp"

#include "agent/tasks/broker_facts.hpp"
#include "agent/tasks/port_watch.hpp"

#include <algorithm>
#include <utility>

namespace warren::agent {
namespace {

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

broker_looks::broker_looks(const async::asio::any_io_executor& executor, snapshot_store& store,
                           erldist::connection& link, const broker_link_settings& settings,
                           broker_link_counters& counters)
    : store_(store),
      link_(link),
      settings_(settings),
      counters_(counters),
      broker_(link),
      ready_(executor) {}

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
    co_await look_at_formation();
    const auto cluster = co_await broker_.cluster(deadline);
    const base::time_point now = base::steady::now();
    store_.change(now, [&](snapshot& s) {
      note(s.world.broker.cluster, cluster, now, [](const rabbitmq::membership& m) {
        return domain::membership{m.members, m.running, m.partitioned};
      });
    });
    if (listeners_matter()) co_await look_at_listeners();
    co_await ready_.wait_until(next);
  }
}

async::awaitable<void> broker_looks::look_at_formation() {
  const base::time_point asked = base::steady::now();
  const auto facts = co_await broker_.formation(asked + settings_.call_timeout);
  store_.change(base::steady::now(), [&](snapshot& s) {
    note(s.formation.broker, facts, asked,
         [](const rabbitmq::formation_facts& seen) { return facts_of(seen); });
    if (facts && !facts->version.empty()) s.world.broker.version = facts->version;
  });
}

// Between two whole looks at what formation is decided from the boot state alone is newer.
void broker_looks::note_boot(domain::broker_facts& facts, domain::boot_state boot) {
  const bool ready = boot == domain::boot_state::ready;
  const bool complete = facts.boot == boot && facts.cluster && !facts.cluster_id.empty();
  if (ready && !complete) ready_.notify();
  facts.state = domain::presence::runs;
  facts.boot = boot;
  if (ready) return;
  // It may come back in another cluster.
  facts.cluster_id.clear();
  facts.cluster.reset();
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
    note(s.formation.broker, pulse.boot, asked, [&](rabbitmq::boot_state b) {
      domain::broker_facts facts = s.formation.broker.value.value_or(domain::broker_facts());
      note_boot(facts, to_domain(b));
      return facts;
    });
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
