#include "rabbitmq/raft.hpp"

#include "rabbitmq/forget_calls.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <utility>

namespace warren::rabbitmq {
namespace {

using async::awaitable;
using erldist::function_call;
using etf::atom;
using etf::term;

constexpr int change_timeout_ms = 5000;
constexpr base::duration between_looks = std::chrono::milliseconds(200);
constexpr std::size_t most_queues = 10'000;
constexpr std::size_t at_once = 32;  // below what a connection allows in flight

term server(const std::string& process, const std::string& node) {
  return etf::tuple_of(atom(process), atom(node));
}

function_call leave(const raft_group& group, const std::string& node) {
  etf::list servers;
  for (const auto& member : group.nodes) {
    if (member != node) servers.elements.push_back(server(group.process, member));
  }
  function_call call{"ra", "remove_member", {}};
  call.arguments.emplace_back(std::move(servers));
  call.arguments.push_back(server(group.process, node));
  call.arguments.emplace_back(change_timeout_ms);
  return call;
}

awaitable<void> pause() {
  async::asio::steady_timer timer(co_await async::asio::this_coro::executor, between_looks);
  co_await timer.async_wait(async::use_awaitable);
}

using batch = std::vector<std::pair<std::string, raft_change>>;  // by the queue's name

// What has become of the change of each queue.
awaitable<base::result<batch>> ask_all(erldist::connection& link,
                                       const std::vector<quorum_queue>& queues,
                                       const std::string& node, base::time_point deadline) {
  batch all;
  for (std::size_t begin = 0; begin < queues.size(); begin += at_once) {
    const std::size_t end = std::min(queues.size(), begin + at_once);
    std::vector<function_call> calls;
    for (std::size_t i = begin; i < end; ++i) {
      const raft_group group{queues[i].process, queues[i].nodes};
      calls.push_back(leave(group, node));
    }
    const auto answers = co_await link.call_all(std::move(calls), deadline);
    for (std::size_t i = begin; i < end; ++i) {
      const auto& answer = answers[i - begin];
      if (!answer) co_return answer.error();
      const auto change = parse_raft_change(*answer);
      if (!change) co_return change.error();
      all.emplace_back(queues[i].name, *change);
    }
  }
  co_return all;
}

// Takes `node` out of the group if it is in it; asks its other members.
awaitable<base::result<raft_change>> leave_group(erldist::connection& link, const raft_group& group,
                                                 const std::string& node,
                                                 base::time_point deadline) {
  auto call = leave(group, node);
  const auto answer = co_await link.call(std::move(call.module), std::move(call.function),
                                         std::move(call.arguments), deadline);
  if (!answer) co_return answer.error();
  co_return parse_raft_change(*answer);
}

}  // namespace

awaitable<base::result<raft_change>> leave_group_for_good(erldist::connection& link,
                                                          const raft_group& group,
                                                          const std::string& node,
                                                          base::time_point deadline) {
  for (;;) {
    const auto change = co_await leave_group(link, group, node, deadline);
    if (!change || *change != raft_change::pending) co_return change;
    if (base::steady::now() + between_looks >= deadline) co_return change;
    co_await pause();
  }
}

awaitable<base::result<queue_list>> uncommitted_queues(erldist::connection& link,
                                                       metadata_store store,
                                                       const std::string& node,
                                                       const std::set<std::string>& changed,
                                                       base::time_point deadline) {
  auto list = list_quorum_queues(store, most_queues);
  const auto answer = co_await link.call(std::move(list.module), std::move(list.function),
                                         std::move(list.arguments), deadline);
  if (!answer) co_return answer.error();
  auto queues = parse_quorum_queues(*answer);
  if (!queues) co_return queues.error();
  std::erase_if(*queues, [](const quorum_queue& q) { return q.nodes.size() < 2; });
  const auto changes = co_await ask_all(link, *queues, node, deadline);
  if (!changes) co_return changes.error();
  queue_list open;
  for (const auto& [name, change] : *changes) {
    const bool lost_sight = change == raft_change::no_leader || change == raft_change::no_group;
    if (change == raft_change::pending || (lost_sight && changed.contains(name))) open.add(name);
  }
  co_return open;
}

}  // namespace warren::rabbitmq
