#include "erldist/errc.hpp"
#include "rabbitmq/errc.hpp"
#include "rabbitmq/forgetting.hpp"
#include "rabbitmq/raft.hpp"

#include <algorithm>
#include <utility>

// Replicas of queues and streams on a lost node are taken off, and nothing else may count on them.
namespace warren::rabbitmq {
namespace {

using async::awaitable;
using erldist::function_call;
using etf::atom;

// A round may find a queue whose leader is new, one that 4.3 gave up on without a word, or one that
// was declared meanwhile.
constexpr int most_rounds = 4;
constexpr std::size_t most_streams = 1000;  // a round
constexpr base::duration time_to_name_queues = std::chrono::seconds(2);

}  // namespace

forgetting::done forgetting::take(const queue_outcome& outcome, queue_list& taken_off) {
  using kind = queue_outcome::kind;
  if (outcome.what == kind::last_one) return done();
  if (outcome.what == kind::done || outcome.what == kind::unnoted) {
    taken_off.add(outcome.name);
    return done();
  }
  std::string text = outcome.name + ": " + outcome.reason;
  report_.failed.add(text);
  const bool quorum = outcome.what == kind::no_quorum;
  return base::failure(quorum ? errc::no_majority : errc::replicas_left, std::move(text));
}

forgetting::done forgetting::take_all(const std::vector<queue_outcome>& outcomes,
                                      queue_list& taken_off) {
  done first;
  for (const auto& outcome : outcomes) {
    if (outcome.what == queue_outcome::kind::done) changed_.insert(outcome.name);
    done taken = take(outcome, taken_off);
    if (first) first = std::move(taken);
  }
  return first;
}

awaitable<forgetting::done> forgetting::take_off_queues() {
  auto call = about("rabbit_quorum_queue", "shrink_all", lost_);
  const base::duration rest = deadline_ - base::steady::now();
  const auto answer = co_await link_.call(
      std::move(call.module), std::move(call.function), std::move(call.arguments),
      deadline_ - std::min<base::duration>(time_to_name_queues, rest / 4));
  if (!answer) {
    // 4.0 waits 20 s for each queue that has no leader, one after the other.
    auto left = co_await dependent(dependence::quorum);
    if (!left || left->names.empty()) co_return answer.error();
    base::failure why(errc::replicas_left, left->names.front() + ": " + answer.error().text());
    report_.failed.add(std::move(*left));
    co_return why;
  }
  auto outcomes = parse_queue_outcomes(*answer);
  if (!outcomes) co_return outcomes.error();
  for (queue_outcome& outcome : *outcomes) {
    if (outcome.what != queue_outcome::kind::unnoted) continue;
    const done noted = co_await note(outcome);
    if (!noted) co_return noted.error();
  }
  co_return take_all(*outcomes, report_.shrunk);
}

// Up to 3.13 the broker notes a change in the queue's record only if Raft is quick, and refuses to
// make it again.
awaitable<forgetting::done> forgetting::note(queue_outcome& outcome) {
  if (!may_go_on_()) co_return base::failure(errc::stopped, lost_);
  function_call call{"rabbit_quorum_queue", "repair_amqqueue_nodes", {}};
  call.arguments.push_back(outcome.id);
  const auto noted = co_await ask(std::move(call));
  if (noted) co_return done();
  const base::failure& why = noted.error();
  if (why.code != erldist::errc::remote_failure) co_return why;
  // The record may still name the lost node as the leader, until the next one has told its name.
  outcome.what = queue_outcome::kind::no_quorum;
  outcome.reason = why.text();
  co_return done();
}

awaitable<forgetting::done> forgetting::take_off_streams() {
  const auto answer = co_await ask(about("rabbit_stream_queue", "delete_all_replicas", lost_));
  if (answer) {
    const auto outcomes = parse_queue_outcomes(*answer);
    if (!outcomes) co_return outcomes.error();
    co_return take_all(*outcomes, report_.streams);
  }
  const base::failure& why = answer.error();
  if (why.code == erldist::errc::undefined_function) co_return co_await take_off_older_streams();
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
    report_.failed.add(std::move(*left));
    co_return why;
  }
  auto open = co_await uncommitted_queues(link_, store_, lost_, changed_, deadline_);
  if (!open) co_return open.error();
  if (open->count == 0) co_return done();
  base::failure why(errc::no_majority, open->names.front());
  report_.failed.add(std::move(*open));
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
    const base::time_point began = base::steady::now();
    last = co_await take_off_once();
    if (last) break;
    const auto& why = last.error().code;
    if (why != errc::no_majority && why != errc::replicas_left) break;
    // One that is cut short would tell less than the last.
    const base::duration took = base::steady::now() - began;
    if (round == most_rounds || !co_await pause(took)) break;
  }
  co_return last;
}

}  // namespace warren::rabbitmq
