#include "rabbitmq/forget.hpp"

#include "erldist/errc.hpp"
#include "etf/match.hpp"
#include "rabbitmq/broker.hpp"
#include "rabbitmq/errc.hpp"
#include "rabbitmq/forget_calls.hpp"
#include "rabbitmq/forgetting.hpp"
#include "rabbitmq/node_list.hpp"
#include "rabbitmq/parse.hpp"
#include "rabbitmq/parse_formation.hpp"
#include "rabbitmq/parse_steps.hpp"
#include "rabbitmq/raft.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace warren::rabbitmq {
namespace {

using async::awaitable;
using erldist::function_call;
using etf::atom;
using etf::term;

constexpr base::duration between_rounds = std::chrono::milliseconds(500);
constexpr int answer_timeout_ms = 4000;

errc code_of(step_kind kind) {
  switch (kind) {
    case step_kind::running:
      return errc::still_running;
    case step_kind::no_quorum:
      return errc::no_majority;
    default:
      return errc::forget_failed;
  }
}

}  // namespace

awaitable<bool> forgetting::pause(base::duration then) {
  if (base::steady::now() + between_rounds + then >= deadline_) co_return false;
  async::asio::steady_timer timer(co_await async::asio::this_coro::executor, between_rounds);
  co_await timer.async_wait(async::use_awaitable);
  co_return true;
}

awaitable<base::result<term>> forgetting::ask(function_call call) {
  co_return co_await link_.call(std::move(call.module), std::move(call.function),
                                std::move(call.arguments), deadline_);
}

// Without arguments, on the lost node.
function_call forgetting::there(const char* module, const char* function) const {
  function_call call{"rpc", "call", {}};
  call.arguments.emplace_back(atom(lost_));
  call.arguments.emplace_back(atom(module));
  call.arguments.emplace_back(atom(function));
  call.arguments.emplace_back(etf::list{});
  call.arguments.emplace_back(answer_timeout_ms);
  return call;
}

awaitable<base::result<queue_list>> forgetting::dependent(dependence what) {
  std::vector<function_call> calls;
  calls.push_back(count_dependent(what, store_, lost_));
  calls.push_back(name_dependent(what, store_, lost_, queue_list::most_names));
  const auto answers = co_await link_.call_all(std::move(calls), deadline_);
  for (const auto& answer : answers) {
    if (!answer) co_return answer.error();
  }
  const auto count = parse_table_size(*answers[0]);
  if (!count) co_return count.error();
  auto names = parse_selected_queues(*answers[1]);
  if (!names) co_return names.error();
  queue_list list;
  for (auto& name : *names) list.add(std::move(name));
  const auto counted = static_cast<std::size_t>(count->value_or(0));
  list.count = std::max(list.count, counted);
  co_return list;
}

// Before every step that changes something: whoever was held up since the last one (SIGSTOP, a slow
// call) may find the node back.
awaitable<forgetting::done> forgetting::is_down() {
  const auto answer = co_await ask(about("net_adm", "ping", lost_));
  if (!answer) co_return answer.error();
  if (!may_go_on_()) co_return base::failure(errc::stopped, lost_);
  if (etf::is_atom(*answer, "pang")) co_return done();
  std::vector<function_call> calls;
  calls.push_back(there("rabbit_boot_state", "get"));
  calls.push_back(there("init", "get_status"));
  const auto answers = co_await link_.call_all(std::move(calls), deadline_);
  base::result<boot_state> boot = base::failure(errc::still_running, lost_);
  base::result<vm_status> vm = base::failure(errc::still_running, lost_);
  if (answers[0]) boot = parse_boot_state(*answers[0]);
  if (answers[1]) vm = parse_vm_status(*answers[1]);
  if (!may_go_on_()) co_return base::failure(errc::stopped, lost_);
  if (boot && vm && with_vm(*boot, *vm) == boot_state::stopped) co_return done();
  co_return base::failure(errc::still_running, lost_);
}

awaitable<forgetting::done> forgetting::look() {
  broker own(link_);
  const auto facts = co_await own.formation(deadline_);
  if (!facts) co_return facts.error();
  const std::string& name = link_.peer().name;
  if (facts->boot != boot_state::ready || !facts->cluster) {
    co_return base::failure(errc::not_running, name);
  }
  store_ = facts->store;
  if (store_ == metadata_store::unknown) {
    co_return base::failure(errc::unexpected_answer, name + ": metadata store");
  }
  const membership& cluster = *facts->cluster;
  report_.was_member = lists(cluster.members, lost_);
  report_.is_member = report_.was_member;
  others_ = cluster.members;
  std::erase(others_, lost_);
  // A broker that is stopped in a running node is among those that are reached.
  std::vector<std::string> running = cluster.running;
  std::erase(running, lost_);
  // Mnesia needs no majority. Khepri would wait for half a minute.
  if (store_ == metadata_store::khepri && running.size() * 2 <= cluster.members.size()) {
    co_return base::failure(errc::no_majority, std::to_string(running.size()) + " of " +
                                                   std::to_string(cluster.members.size()) +
                                                   " members run");
  }
  co_return done();
}

// Asked before they are deleted together with the membership.
awaitable<forgetting::done> forgetting::name_lost_queues() {
  auto classic = co_await dependent(dependence::classic);
  if (!classic) co_return classic.error();
  auto only = co_await dependent(dependence::only);
  if (!only) co_return only.error();
  report_.lost.add(std::move(*classic));
  report_.lost.add(std::move(*only));
  co_return done();
}

// Up to 3.12 forgetting a member deletes a stream whose record still names it as the leader, with
// all its other replicas (seen in rabbit_amqqueue:forget_node_for_queue/3 of 3.10.8). The record
// follows the election of another leader.
awaitable<forgetting::done> forgetting::wait_for_leaders() {
  for (;;) {
    auto led = co_await dependent(dependence::leader);
    if (!led) co_return led.error();
    if (led->count == 0) co_return done();
    if (co_await pause()) continue;
    const std::string which = led->names.empty() ? "a stream" : led->names.front();
    report_.failed.add(std::move(*led));
    co_return base::failure(errc::no_majority, which + ": no new leader");
  }
}

awaitable<forgetting::done> forgetting::remove_member() {
  const done down = co_await is_down();
  if (!down) co_return down;
  auto answer = co_await ask(removal("rabbit_db_cluster", "forget_member", lost_));
  if (!answer && answer.error().code == erldist::errc::undefined_function) {
    answer = co_await ask(removal("rabbit_mnesia", "forget_cluster_node", lost_));
  }
  if (!answer) co_return answer.error();
  const auto outcome = parse_step(*answer);
  if (!outcome) co_return base::failure(errc::forget_failed, outcome.error().detail);
  if (outcome->what != step_kind::done && outcome->what != step_kind::not_member) {
    co_return base::failure(code_of(outcome->what), outcome->reason);
  }
  if (store_ == metadata_store::mnesia) report_.is_member = false;
  co_return done();
}

// Also where the node is listed no more: an earlier run may have ended before that was committed.
awaitable<forgetting::done> forgetting::take_off_metadata() {
  const done down = co_await is_down();
  if (!down) co_return down;
  const raft_group metadata{"rabbitmq_metadata", others_};
  const auto change = co_await leave_group_for_good(link_, metadata, lost_, deadline_);
  if (!change) co_return change.error();
  if (*change != raft_change::committed)
    co_return base::failure(errc::no_majority, "metadata store");
  report_.is_member = false;
  co_return done();
}

awaitable<forgetting::done> forgetting::run() {
  done last = co_await look();
  if (last) last = co_await is_down();
  if (last && report_.was_member) last = co_await name_lost_queues();
  if (last) last = co_await take_off_all();
  if (last && report_.was_member) last = co_await wait_for_leaders();
  if (last && report_.was_member) last = co_await remove_member();
  if (last && store_ == metadata_store::khepri) last = co_await take_off_metadata();
  // A queue that was declared meanwhile may have got a replica there.
  if (last && report_.was_member) last = co_await take_off_all();
  co_return last;
}

awaitable<forget_report> forget(erldist::connection& link, std::string lost,
                                base::time_point deadline, std::function<bool()> may_go_on) {
  forgetting work(link, std::move(lost), deadline, std::move(may_go_on));
  const auto done = co_await work.run();
  forget_report report = work.report();
  report.complete = done.has_value();
  if (!done) report.problem = done.error();
  co_return report;
}

}  // namespace warren::rabbitmq
