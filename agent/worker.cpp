#include "agent/worker.hpp"

#include "agent/admin_routes.hpp"
#include "agent/admin_socket.hpp"
#include "agent/answers.hpp"
#include "agent/carried_state.hpp"
#include "agent/exit_codes.hpp"
#include "agent/guard_link.hpp"
#include "agent/log.hpp"
#include "agent/metrics.hpp"
#include "agent/routes.hpp"
#include "agent/snapshot_store.hpp"
#include "agent/tasks/broker_link.hpp"
#include "agent/tasks/event_writer.hpp"
#include "agent/tasks/find_peers.hpp"
#include "agent/tasks/formation.hpp"
#include "agent/tasks/peer_agents.hpp"
#include "agent/tasks/peer_brokers.hpp"
#include "agent/tasks/peer_watch.hpp"
#include "agent/tasks/peers_file_writer.hpp"
#include "agent/worker_settings.hpp"
#include "async/as_result.hpp"
#include "async/task_group.hpp"
#include "async/wakeup.hpp"
#include "async/with_deadline.hpp"
#include "http/server.hpp"
#include "kubernetes/api_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace warren::agent {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr base::duration last_words = 300ms;  // for Events that are still queued at the end
constexpr base::duration join_limit = 300ms;
constexpr base::duration carry_interval = 1s;  // of clocks that merely run on

void report(std::string_view task, const std::exception_ptr& error) {
  const std::string who = "the task '" + std::string(task) + "' broke: ";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    log(log_level::error, who + e.what());
  } catch (...) {
    log(log_level::error, who + "unknown exception");
  }
}

carried_state resumed(const std::string& bytes) {
  const base::time_point now = base::steady::now();
  if (auto state = decode_carried_state(bytes)) return std::move(*state);
  carried_state first;
  first.started_at = now;
  first.clocks.opened_at = now;
  return first;
}

snapshot first_snapshot(const settings& s, const carried_state& state) {
  snapshot first;
  first.world.node = s.broker.node;
  first.clocks = state.clocks;
  first.gate_mode = s.formation.mode == formation_mode::gate;
  first.outdated_creation = state.outdated_creation;
  first.formation.person = state.person;
  // Without a gate and a peer file there is nothing to wait for.
  first.may_start = state.may_start || (!first.gate_mode && s.peers.file.empty());
  if (const auto& expected = s.peers.expected_members) {
    first.world.expected_members.saw(*expected, base::steady::now());
  }
  return first;
}

// For few who are of this pod.
http::server_settings admin_limits() {
  http::server_settings limits;
  limits.max_connections = 32;
  limits.limits.post = true;
  return limits;
}

// Owns every part of the agent but the guard, in the order in which they need each other.
class worker {
 public:
  worker(const settings& s, worker_context context)
      : settings_(s),
        state_(resumed(context.carried)),
        metrics_(WARREN_VERSION, context.restarts),
        guard_(io_.get_executor(), std::move(context.link)),
        store_(first_snapshot(s, state_), s.health),
        to_broker_(link_settings(s, metrics_)),
        link_(store_, to_broker_),
        uses_api_server_(uses_api_server(s)),
        found_(store_),
        peers_(io_.get_executor(), store_, found_, s),
        agents_(io_.get_executor(), store_, agents_settings(s)),
        brokers_(io_.get_executor(), store_, brokers_settings(to_broker_)),
        events_(io_.get_executor(), peers_.api(), s),
        routes_(
            store_, s.health, who(s), [this](std::string_view a) { return metrics_page(a); },
            [this](std::string_view path, int code) { metrics_.count_probe(path, code); }),
        server_(
            io_.get_executor(), [this](const http::request& r) { return routes_.answer(r); }, {},
            [](const std::exception_ptr& error) { report("answer a request", error); }),
        admin_routes_(store_, routes_, s.formation.rules),
        admin_server_(
            io_.get_executor(), [this](const http::request& r) { return admin_routes_.answer(r); },
            admin_limits(),
            [](const std::exception_ptr& error) { report("answer an order", error); }),
        stop_(io_.get_executor()),
        tasks_(io_.get_executor(), [this](std::string_view name, const std::exception_ptr& error) {
          report(name, error);
          exit_code_ = exit_software;  // the guard starts the next worker
          stop_.notify();
        }) {
    if (!s.peers.file.empty()) {
      peers_file_settings file;
      file.path = s.peers.file;
      file.format = s.peers.format;
      file.command = s.peers.command;
      file_ = std::make_unique<peers_file_writer>(io_.get_executor(), store_, std::move(file));
    }
    if (s.formation.mode == formation_mode::gate) {
      kubernetes::api_client* const api = uses_api_server_ ? &peers_.api() : nullptr;
      formation_ =
          std::make_unique<formation>(io_.get_executor(), api, store_, s, to_broker_, [this] {
            agents_.look_now();
            brokers_.look_now();
          });
    }
    for (base::descriptor& listener : context.listeners) {
      (is_unix_socket(listener) ? admin_server_ : server_).add_listener(listener.release());
    }
    store_.on_change([this](const snapshot& s) { tell(s); });
  }

  int run() {
    asio::co_spawn(io_, live(), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
    io_.run();
    return exit_code_;
  }

 private:
  static identity who(const settings& s) {
    return {.node = s.broker.node,
            .service = s.peers.service,
            .pod = s.pod.name,
            .pod_uid = s.pod.uid,
            .peer_source = std::string(name(s.peers.source)),
            .version = WARREN_VERSION};
  }

  // Clocks run on while nothing happens, and the guard knows what the next worker must know.
  async::awaitable<void> pulse() {
    for (;;) {
      const base::time_point now = base::steady::now();
      const auto answered = link_.last_answer();
      store_.change(now, [=](snapshot& s) {
        if (answered) s.world.broker.link.last_answer = answered;
        look_at_cluster(s, now);
      });
      state_.clocks = store_.current().clocks;
      if (now - carried_at_ >= carry_interval) carry(now);
      co_await async::sleep_until(async::next_beat(settings_.intervals.check));
    }
  }

  // What people are told: once per change, also over the lives of several workers.
  void tell(const snapshot& s) {
    domain::transition step = domain::events_since(state_.told, s.world);
    const bool formed = state_.told.cluster_formed == 0 && step.next.cluster_formed != 0;
    if (formed && !state_.formed_at) state_.formed_at = base::steady::now();
    if (step.next.gate_open && !state_.told.gate_open) state_.gate_waited = s.world.gate.waited;
    if (step.next.forgotten_at != state_.told.forgotten_at) count(*s.world.gate.forgotten);
    const bool news = step.next != state_.told || state_.may_start != s.may_start ||
                      state_.outdated_creation != s.outdated_creation ||
                      state_.person != s.formation.person;
    state_.told = std::move(step.next);
    state_.may_start = s.may_start;
    state_.outdated_creation = s.outdated_creation;
    state_.person = s.formation.person;
    for (domain::event_intent& e : step.events) {
      const bool warning = e.type == domain::event_type::warning;
      log(warning ? log_level::warning : log_level::info, e.reason + ": " + e.note);
      if (uses_api_server_) events_.write(std::move(e), peers_.stateful_set_uid());
    }
    tell_link(s.world.broker.link, step.events.empty());
    if (news) carry(base::steady::now());
  }

  void count(const domain::forgotten_report& report) {
    ++forgotten_.members;
    forgotten_.lost += report.lost;
    forgotten_.quorum_queues += report.quorum_queues;
    forgotten_.streams += report.streams;
  }

  void carry(base::time_point now) {
    guard_.carry(encode(state_));
    carried_at_ = now;
  }

  // States of the link that were no Event: not there yet, not readable, slow.
  void tell_link(const domain::link_view& link, bool no_event) {
    const std::string& node = settings_.broker.node;
    if (link.state == domain::link_state::connected) {
      const bool news = said_link_ != link.state;
      if (news && no_event) log(log_level::info, "connected to " + node);
      said_.well("link");
    } else if (link.state != domain::link_state::unknown && said_.problem("link", link.detail) &&
               no_event) {
      log(log_level::info,
          node + " is " + std::string(domain::name(link.state)) + ": " + link.detail);
    }
    said_link_ = link.state;
  }

  http::reply metrics_page(std::string_view accept) {
    const base::time_point now = base::steady::now();
    const snapshot& s = store_.current();
    metrics_.show(s.world);
    metrics_.show(s.cluster);
    if (s.gate_mode) metrics_.show(gate_now(s, now));
    metrics_.show(domain::evaluate_health(s.world.broker, s.clocks, settings_.health, now));
    metrics_.show(counted());
    metrics_.show_loop_lag(guard_.loop_lag());
    if (state_.formed_at) metrics_.show_formation(*state_.formed_at - state_.started_at);
    const metrics_format format = negotiate(accept);
    return {.status = 200,
            .content_type = std::string(content_type(format)),
            .body = metrics_.text(format, now)};
  }

  [[nodiscard]] gate_values gate_now(const snapshot& s, base::time_point now) const {
    gate_values gate;
    gate.open = s.may_start;
    gate.waited = state_.gate_waited;
    if (!gate.open && s.clocks.opened_at) gate.waited = now - *s.clocks.opened_at;
    gate.holds_lock = s.formation.holds_lock(now);
    return gate;
  }

  [[nodiscard]] totals counted() const {
    totals sum;
    sum.forgotten = forgotten_;
    const broker_link_counters& link = link_.counters();
    sum.reconnects = link.connects > 0 ? link.connects - 1 : 0;
    sum.calls = link.traffic.calls;
    sum.late_replies = link.traffic.late_answers;
    sum.discoveries = found_.counters().good;
    sum.failed_discoveries = found_.counters().failed;
    if (file_) {
      sum.file_writes = file_->counters().written;
      sum.failed_file_writes = file_->counters().failed;
    }
    const kubernetes::event_counters& events = events_.counters();
    sum.events_written = events.written + events.patched;
    sum.events_denied = events.forbidden;
    sum.events_failed = events.failed;
    sum.events_dropped = events.dropped;
    for (const auto& [request, count] : peers_.api().counters().requests) {
      const auto& [verb, status] = request;
      sum.kubernetes_requests[{std::string(kubernetes::to_string(verb)), status}] = count;
    }
    if (settings_.peers.source == peer_source::kubernetes) {
      sum.kubernetes_last_success = found_.counters().last_success;
    }
    return sum;
  }

  async::awaitable<void> live() {
    tasks_.spawn("tell the guard", guard_.beat());
    tasks_.spawn("watch the guard", stop_after(guard_.watch_guard()));
    tasks_.spawn("wait for SIGTERM", stop_after(sigterm()));
    tasks_.spawn("let time pass", pulse());
    tasks_.spawn("serve", server_.run());
    tasks_.spawn("take orders", admin_server_.run());
    tasks_.spawn("keep the link to the broker", link_.run());
    tasks_.spawn("find the peers", find_peers(settings_, found_, peers_));
    if (uses_api_server_) {
      tasks_.spawn("watch the StatefulSet", peers_.watch_stateful_set());
      tasks_.spawn("write Events", events_.run());
    }
    if (file_) tasks_.spawn("keep the peer file", file_->run());
    tasks_.spawn("look at the peers' agents", agents_.run());
    tasks_.spawn("look at the peers' brokers", brokers_.run());
    if (formation_) formation_->spawn(tasks_);
    while (!co_await stop_.wait_until(base::time_point::max())) continue;

    server_.stop();
    admin_server_.stop();
    tasks_.cancel();
    auto ended = async::with_deadline(base::steady::now() + join_limit, tasks_.join());
    const base::result<void> in_time = co_await async::as_result(std::move(ended));
    if (!in_time) std::_Exit(exit_code_);  // a task that does not end must not keep the pod
    co_await events_.drain(base::steady::now() + last_words);
    io_.stop();
  }

  async::awaitable<void> stop_after(async::awaitable<void> event) {
    co_await std::move(event);
    stop_.notify();
  }

  async::awaitable<void> sigterm() {
    asio::signal_set signals(io_, SIGTERM);
    co_await signals.async_wait(async::use_awaitable);
  }

  settings settings_;
  asio::io_context io_{1};
  carried_state state_;
  metrics metrics_;
  guard_link guard_;
  snapshot_store store_;
  broker_link_settings to_broker_;
  broker_link link_;
  bool uses_api_server_;
  found_peers found_;
  peer_watch peers_;
  peer_agents agents_;
  peer_brokers brokers_;
  event_writer events_;
  std::unique_ptr<peers_file_writer> file_;
  std::unique_ptr<formation> formation_;
  routes routes_;
  http::server server_;
  admin_routes admin_routes_;
  http::server admin_server_;
  async::wakeup stop_;
  int exit_code_ = 0;
  base::time_point carried_at_;
  forgotten_totals forgotten_;
  told_once said_;
  domain::link_state said_link_ = domain::link_state::unknown;
  async::task_group tasks_;
};

}  // namespace

int run_worker(const settings& settings, worker_context context) {
  return worker(settings, std::move(context)).run();
}

}  // namespace warren::agent
