#include "rabbitmq/forget.hpp"

#include "erldist/errc.hpp"
#include "etf/match.hpp"
#include "rabbitmq/broker.hpp"
#include "rabbitmq/errc.hpp"
#include "rabbitmq/forget_calls.hpp"
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
// A round may find a queue whose leader is new, one that 4.3 gave up on without a word, or one that
// was declared meanwhile.
constexpr int most_rounds = 4;
constexpr int answer_timeout_ms = 4000;
constexpr std::size_t most_streams = 1000;  // a round

bool is_undefined(const base::failure& why) {
  return why.code == erldist::errc::undefined_function;
}

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

void add(queue_list& to, queue_list from) {
  const std::size_t unnamed = from.count - std::min(from.count, from.names.size());
  for (auto& name : from.names) to.add(std::move(name));
  to.count += unnamed;
}

// One run: what it works on, and how far it is. A step gives why the next one may not follow.
class forgetting {
 public:
  forgetting(erldist::connection& link, std::string lost, base::time_point deadline,
             std::function<bool()> may_go_on)
      : link_(link),
        lost_(std::move(lost)),
        deadline_(deadline),
        may_go_on_(std::move(may_go_on)) {}

  // Without `complete`.
  awaitable<base::result<void>> run();
  forget_report& report() { return report_; }

 private:
  using done = base::result<void>;

  awaitable<done> look();
  awaitable<done> is_down();
  awaitable<done> name_lost_queues();
  awaitable<done> take_off_all();
  awaitable<done> take_off_once();
  awaitable<done> take_off_queues();
  awaitable<done> take_off_streams();
  awaitable<done> take_off_older_streams();
  awaitable<done> take_off_coordinator();
  awaitable<done> nothing_depends();
  awaitable<done> wait_for_leaders();
  awaitable<done> remove_member();
  awaitable<done> take_off_metadata();

  awaitable<base::result<term>> ask(function_call call);
  [[nodiscard]] function_call there(const char* module, const char* function) const;
  awaitable<base::result<queue_list>> dependent(dependence what);
  awaitable<void> pause();
  done take(const queue_outcome& outcome, queue_list& taken_off);
  done take_all(const term& answer, queue_list& taken_off);

  erldist::connection& link_;
  std::string lost_;
  base::time_point deadline_;
  std::function<bool()> may_go_on_;
  metadata_store store_ = metadata_store::unknown;
  std::vector<std::string> others_;  // the members without the lost one
  std::set<std::string> changed_;    // queues that this run has taken a replica of
  forget_report report_;
};

awaitable<void> forgetting::pause() {
  async::asio::steady_timer timer(co_await async::asio::this_coro::executor, between_rounds);
  co_await timer.async_wait(async::use_awaitable);
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
  add(report_.lost, std::move(*classic));
  add(report_.lost, std::move(*only));
  co_return done();
}

forgetting::done forgetting::take(const queue_outcome& outcome, queue_list& taken_off) {
  using kind = queue_outcome::kind;
  if (outcome.what == kind::last_one) return done();
  if (outcome.what == kind::done) {
    taken_off.add(outcome.name);
    return done();
  }
  std::string text = outcome.name + ": " + outcome.reason;
  report_.failed.add(text);
  const bool quorum = outcome.what == kind::no_quorum;
  return base::failure(quorum ? errc::no_majority : errc::replicas_left, std::move(text));
}

forgetting::done forgetting::take_all(const term& answer, queue_list& taken_off) {
  const auto outcomes = parse_queue_outcomes(answer);
  if (!outcomes) return outcomes.error();
  done first;
  for (const auto& outcome : *outcomes) {
    if (outcome.what == queue_outcome::kind::done) changed_.insert(outcome.name);
    done taken = take(outcome, taken_off);
    if (first) first = std::move(taken);
  }
  return first;
}

awaitable<forgetting::done> forgetting::take_off_queues() {
  const auto answer = co_await ask(about("rabbit_quorum_queue", "shrink_all", lost_));
  if (!answer) co_return answer.error();
  co_return take_all(*answer, report_.shrunk);
}

awaitable<forgetting::done> forgetting::take_off_streams() {
  const auto answer = co_await ask(about("rabbit_stream_queue", "delete_all_replicas", lost_));
  if (answer) co_return take_all(*answer, report_.streams);
  const base::failure& why = answer.error();
  if (is_undefined(why)) co_return co_await take_off_older_streams();
  // {badmatch, {error, coordinator_unavailable}} after half a minute.
  if (why.detail.find("coordinator_unavailable") != std::string::npos) {
    co_return base::failure(errc::no_majority, why.detail);
  }
  co_return why;
}

// 3.9 to 3.12: the command line tool leaves them. The coordinator takes them off all the same.
awaitable<forgetting::done> forgetting::take_off_older_streams() {
  const auto answer = co_await ask(list_streams(store_, lost_, most_streams));
  if (!answer) co_return answer.error();
  auto streams = parse_streams(*answer);
  if (!streams) co_return streams.error();
  done first;
  for (auto& stream : *streams) {
    function_call call{"rabbit_stream_coordinator", "delete_replica", {}};
    call.arguments.push_back(etf::charlist(stream.id));
    call.arguments.emplace_back(atom(lost_));
    const auto reply = co_await ask(std::move(call));
    if (!reply) co_return reply.error();
    const auto outcome = parse_stream_reply(stream.name, *reply);
    if (!outcome) co_return outcome.error();
    done taken = take(*outcome, report_.streams);
    if (first) first = std::move(taken);
  }
  co_return first;
}

// 3.13 and later by rabbit_stream_coordinator:forget_node/1, which does the same; earlier ones do
// it by themselves a few seconds after the member is forgotten.
awaitable<forgetting::done> forgetting::take_off_coordinator() {
  const raft_group coordinator{"rabbit_stream_coordinator", others_};
  const auto change = co_await leave_group_for_good(link_, coordinator, lost_, deadline_);
  if (!change) co_return change.error();
  // No group: the cluster has no streams.
  if (*change == raft_change::committed || *change == raft_change::no_group) co_return done();
  co_return base::failure(errc::no_majority, "stream coordinator");
}

// What 4.3 gave up on is in no answer, and what was declared meanwhile neither.
awaitable<forgetting::done> forgetting::nothing_depends() {
  for (const dependence what : {dependence::quorum, dependence::stream}) {
    auto left = co_await dependent(what);
    if (!left) co_return left.error();
    if (left->count == 0) continue;
    base::failure why(errc::replicas_left, left->names.empty() ? lost_ : left->names.front());
    add(report_.failed, std::move(*left));
    co_return why;
  }
  auto open = co_await uncommitted_queues(link_, store_, lost_, changed_, deadline_);
  if (!open) co_return open.error();
  if (open->count == 0) co_return done();
  base::failure why(errc::no_majority, open->names.front());
  add(report_.failed, std::move(*open));
  co_return why;
}

awaitable<forgetting::done> forgetting::take_off_once() {
  report_.failed = {};
  done last = co_await is_down();
  if (last) last = co_await take_off_queues();
  if (last) last = co_await is_down();
  if (last) last = co_await take_off_streams();
  if (last) last = co_await is_down();
  if (last) last = co_await take_off_coordinator();
  if (last) last = co_await is_down();
  if (last) last = co_await nothing_depends();
  co_return last;
}

awaitable<forgetting::done> forgetting::take_off_all() {
  done last;
  for (int round = 1; round <= most_rounds; ++round) {
    last = co_await take_off_once();
    if (last) break;
    const auto& why = last.error().code;
    if (why != errc::no_majority && why != errc::replicas_left) break;
    if (round == most_rounds || base::steady::now() + between_rounds >= deadline_) break;
    co_await pause();
  }
  co_return last;
}

// Up to 3.12 forgetting a member deletes a stream whose record still names it as the leader, with
// all its other replicas (seen in rabbit_amqqueue:forget_node_for_queue/3 of 3.10.8). The record
// follows the election of another leader.
awaitable<forgetting::done> forgetting::wait_for_leaders() {
  for (;;) {
    auto led = co_await dependent(dependence::leader);
    if (!led) co_return led.error();
    if (led->count == 0) co_return done();
    if (base::steady::now() + between_rounds >= deadline_) {
      const std::string which = led->names.empty() ? "a stream" : led->names.front();
      base::failure why(errc::no_majority, which + ": no new leader");
      add(report_.failed, std::move(*led));
      co_return why;
    }
    co_await pause();
  }
}

awaitable<forgetting::done> forgetting::remove_member() {
  const done down = co_await is_down();
  if (!down) co_return down;
  auto answer = co_await ask(removal("rabbit_db_cluster", "forget_member", lost_));
  if (!answer && is_undefined(answer.error())) {
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

}  // namespace

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
