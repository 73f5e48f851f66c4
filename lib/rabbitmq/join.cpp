#include "rabbitmq/join.hpp"

#include "erldist/errc.hpp"
#include "rabbitmq/broker.hpp"
#include "rabbitmq/errc.hpp"
#include "rabbitmq/node_list.hpp"
#include "rabbitmq/parse.hpp"
#include "rabbitmq/parse_formation.hpp"
#include "rabbitmq/parse_steps.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace warren::rabbitmq {
namespace {

using async::awaitable;
using erldist::function_call;
using etf::atom;
using etf::term;

constexpr base::duration between_looks = std::chrono::milliseconds(100);
constexpr int target_timeout_ms = 4000;

bool is_member(const formation_facts& facts, const std::string& target) {
  return facts.cluster && lists(facts.cluster->members, target);
}

template <class... T>
function_call call(const char* module, const char* function, T... argument) {
  function_call c{module, function, {}};
  (c.arguments.push_back(std::move(argument)), ...);
  return c;
}

// What the node itself is told by `target`: the way of the questions is that of the join.
function_call ask_target(const std::string& target, const char* module, const char* function,
                         term arguments) {
  return call("rpc", "call", term(atom(target)), term(atom(module)), term(atom(function)),
              std::move(arguments), term(target_timeout_ms));
}

struct target_view {
  base::result<boot_state> boot = boot_state::stopped;
  std::vector<std::string> members;  // empty if it does not tell
};

awaitable<target_view> look_at_target(erldist::connection& link, const std::string& target,
                                      base::time_point deadline) {
  std::vector<function_call> calls;
  calls.push_back(ask_target(target, "rabbit_boot_state", "get", etf::list{}));
  calls.push_back(ask_target(target, "rabbit_nodes", "list_members", etf::list{}));
  calls.push_back(ask_target(target, "rabbit_mnesia", "cluster_nodes", etf::list_of(atom("all"))));
  const auto answers = co_await link.call_all(std::move(calls), deadline);
  target_view view;
  if (answers[0]) {
    view.boot = parse_boot_state(*answers[0]);
  } else {
    view.boot = answers[0].error();
  }
  // One of the two functions exists.
  for (std::size_t i = 1; i < answers.size(); ++i) {
    if (!answers[i]) continue;
    auto nodes = parse_nodes(*answers[i]);
    if (nodes && !nodes->empty()) view.members = std::move(*nodes);
  }
  co_return view;
}

// Whether the node answered, but with an exception: the function has begun.
bool is_exception(const base::error_code& code) {
  return code == erldist::errc::remote_failure || code == erldist::errc::no_process ||
         code == erldist::errc::node_down || code == erldist::errc::remote_timeout;
}

// A call that answers as parse_step() reads it; `otherwise` for everything but done and refused.
awaitable<base::result<void>> step(erldist::connection& link, function_call what, errc otherwise,
                                   base::time_point deadline) {
  const std::string text = what.text();
  const auto answer =
      co_await link.call(what.module, what.function, std::move(what.arguments), deadline);
  if (!answer) {
    if (!is_exception(answer.error().code)) co_return answer.error();
    co_return base::failure(otherwise, answer.error().detail);
  }
  const auto outcome = parse_step(*answer);
  if (!outcome) co_return base::failure(otherwise, text + ' ' + outcome.error().detail);
  if (outcome->what == step_kind::done) co_return base::result<void>();
  const bool refused = outcome->what == step_kind::refused;
  co_return base::failure(refused ? errc::join_refused : otherwise, text + ": " + outcome->reason);
}

bool is_settled(const formation_facts& facts) {
  return facts.boot == boot_state::ready || facts.boot == boot_state::stopped;
}

// What the node says once it neither boots nor stops.
awaitable<base::result<formation_facts>> settled(broker& own, const std::string& name,
                                                 base::time_point deadline) {
  async::asio::steady_timer timer(co_await async::asio::this_coro::executor);
  for (;;) {
    auto facts = co_await own.formation(deadline);
    if (!facts || is_settled(*facts)) co_return facts;
    if (base::steady::now() + between_looks >= deadline) {
      co_return base::failure(errc::not_running, name);
    }
    timer.expires_after(between_looks);
    co_await timer.async_wait(async::use_awaitable);
  }
}

// Why a node that `target` is asked about may not join it; nothing is changed then.
std::optional<base::failure> refusal(const target_view& view, const std::string& target) {
  if (!view.boot) return base::failure(errc::join_refused, view.boot.error().text());
  if (*view.boot != boot_state::ready) {
    return base::failure(errc::join_refused, target + " does not run");
  }
  if (view.members.empty()) {
    return base::failure(errc::join_refused, target + " does not tell who its members are");
  }
  return std::nullopt;
}

// Why the node itself may not leave what it is.
awaitable<std::optional<base::failure>> objection(broker& own, const formation_facts& facts,
                                                  const std::string& name,
                                                  base::time_point deadline) {
  // Of a stopped broker this much is known with Mnesia.
  if (facts.cluster && facts.cluster->members.size() > 1) {
    co_return base::failure(errc::holds_data, name + " belongs to a cluster of " +
                                                  std::to_string(facts.cluster->members.size()));
  }
  if (facts.boot != boot_state::ready) co_return std::nullopt;
  const auto content = co_await own.content(deadline);
  if (!content) co_return content.error();
  if (content->importable_only) co_return std::nullopt;
  co_return base::failure(errc::holds_data,
                          name + " holds " + content->found +
                              "; if definitions bring them to every node, import those with "
                              "queues once the cluster stands");
}

// 3.13 and later stop and start the broker by themselves if it runs, and go on if the caller dies;
// earlier ones want it to be stopped, and 3.12 has the name of the newer function already. Mnesia
// refuses a node that the cluster lists, Khepri takes it out and in again.
awaitable<base::result<void>> join(erldist::connection& link, const formation_facts& own,
                                   const std::string& target, bool listed,
                                   base::time_point deadline) {
  const bool newest = is_at_least(own.version, 3, 13);
  if (!newest) {
    if (listed) co_return base::failure(errc::join_refused, target + " lists " + link.peer().name);
    const auto stopped = co_await step(link, call("rabbit", "stop"), errc::stop_failed, deadline);
    if (!stopped) co_return stopped;
  }
  auto newer = call("rabbit_db_cluster", "join", term(atom(target)), term(atom("disc")));
  auto joined = co_await step(link, std::move(newer), errc::join_failed, deadline);
  if (!joined && joined.error().code == erldist::errc::undefined_function) {
    auto older = call("rabbit_mnesia", "join_cluster", term(atom(target)), term(atom("disc")));
    joined = co_await step(link, std::move(older), errc::join_failed, deadline);
  }
  // Its broker is stopped by now.
  const bool changed = !newest && !joined && joined.error().code == errc::join_refused;
  if (changed) co_return base::failure(errc::join_failed, joined.error().detail);
  co_return joined;
}

// Starts the broker if it is stopped, and waits until it is ready.
awaitable<base::result<formation_facts>> start(erldist::connection& link, broker& own,
                                               base::time_point deadline) {
  const std::string name = link.peer().name;
  const auto facts = co_await settled(own, name, deadline);
  if (!facts || facts->boot == boot_state::ready) co_return facts;
  const auto started = co_await step(link, call("rabbit", "start"), errc::start_failed, deadline);
  if (!started) co_return started.error();
  const auto after = co_await settled(own, name, deadline);
  if (!after || after->boot == boot_state::ready) co_return after;
  co_return base::failure(errc::start_failed, name);
}

}  // namespace

awaitable<base::result<void>> join_by_calls(erldist::connection& link, std::string target,
                                            base::time_point deadline,
                                            std::function<bool()> may_go_on) {
  broker own(link);
  const std::string name = link.peer().name;
  const auto before = co_await settled(own, name, deadline);
  if (!before) co_return before.error();
  const bool runs = before->boot == boot_state::ready;
  if (runs && is_member(*before, target)) co_return base::result<void>();
  const target_view view = co_await look_at_target(link, target, deadline);
  if (const auto why = refusal(view, target)) {
    // It joined before, and its start was cut short.
    const bool is_member = !runs && before->cluster && before->cluster->members.size() > 1;
    if (!is_member) co_return *why;
    const auto started = co_await start(link, own, deadline);
    if (!started) co_return started.error();
    co_return base::result<void>();
  }
  const bool listed = lists(view.members, name);
  // A stopped broker that the cluster lists has joined it already.
  if (runs || !listed) {
    const auto why = co_await objection(own, *before, name, deadline);
    if (why) co_return *why;
    if (!may_go_on()) co_return base::failure(errc::stopped, name);
    const auto joined = co_await join(link, *before, target, listed, deadline);
    if (!joined) co_return joined;
  }
  const auto after = co_await start(link, own, deadline);
  if (!after) co_return after.error();
  if (is_member(*after, target)) co_return base::result<void>();
  co_return base::failure(errc::join_failed, name + " runs, but not in the cluster of " + target);
}

awaitable<base::result<void>> stop_to_be_forgotten(erldist::connection& link,
                                                   base::time_point deadline) {
  broker own(link);
  const std::string name = link.peer().name;
  const auto facts = co_await settled(own, name, deadline);
  if (!facts) co_return facts.error();
  const auto why = co_await objection(own, *facts, name, deadline);
  if (why) co_return *why;
  if (facts->boot == boot_state::stopped) co_return base::result<void>();
  co_return co_await step(link, call("rabbit", "stop"), errc::stop_failed, deadline);
}

}  // namespace warren::rabbitmq
