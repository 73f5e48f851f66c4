#include "rabbitmq/broker.hpp"

#include "erldist/errc.hpp"
#include "rabbitmq/parse.hpp"

#include <utility>

namespace warren::rabbitmq {
namespace {

using etf::atom;

// rabbit_alarm is asked to answer within this, so that a slow one does not keep a process there.
constexpr int alarm_timeout_ms = 500;

template <class T>
bool is_undefined(const base::result<T>& answer) {
  return answer.has_error() && answer.error().code == erldist::errc::undefined_function;
}

template <class T>
base::result<T> parsed(const base::result<etf::term>& answer,
                       base::result<T> (*parse)(const etf::term&)) {
  if (answer.has_error()) return answer.error();
  return parse(*answer);
}

template <class... Argument>
erldist::function_call call_of(std::string module, std::string function, Argument... arguments) {
  erldist::function_call call{std::move(module), std::move(function), {}};
  (call.arguments.push_back(std::move(arguments)), ...);
  return call;
}

}  // namespace

broker::broker(erldist::connection& link) : link_(link), node_(atom(link.peer().name)) {}

async::awaitable<pulse> broker::look(base::time_point deadline) {
  const bool old_boot = boot_state_ == has::no;
  const bool maintenance = maintenance_ != has::no;
  std::vector<erldist::function_call> calls;
  calls.push_back(old_boot ? call_of("rabbit", "is_running") : call_of("rabbit_boot_state", "get"));
  calls.push_back(call_of("erlang", "whereis", etf::term(atom("rabbit_outside_app_process"))));
  calls.push_back(call_of("rabbit_alarm", "get_local_alarms", etf::term(alarm_timeout_ms)));
  if (maintenance) calls.push_back(call_of("rabbit_maintenance", "status_local_read", node_));
  const auto answers = co_await link_.call_all(std::move(calls), deadline);

  pulse seen;
  if (is_undefined(answers[0])) {
    boot_state_ = has::no;
    auto running = co_await link_.call("rabbit", "is_running", {}, deadline);
    seen.boot = parsed(running, parse_is_running);
  } else {
    seen.boot = parsed(answers[0], old_boot ? parse_is_running : parse_boot_state);
  }
  seen.paused = parsed(answers[1], parse_paused);
  seen.alarms = parsed(answers[2], parse_alarms);
  seen.draining = false;  // a node that has no maintenance mode is not in it
  if (maintenance && is_undefined(answers[3])) {
    maintenance_ = has::no;
  } else if (maintenance) {
    seen.draining = parsed(answers[3], parse_draining);
  }
  co_return seen;
}

async::awaitable<base::result<std::vector<listener>>> broker::listeners(base::time_point deadline) {
  std::vector<etf::term> which{node_};
  auto answer =
      co_await link_.call("rabbit_networking", "node_listeners", std::move(which), deadline);
  co_return parsed(answer, parse_listeners);
}

async::awaitable<base::result<std::vector<std::string>>> broker::nodes(erldist::function_call call,
                                                                       base::time_point deadline) {
  auto answer = co_await link_.call(std::move(call.module), std::move(call.function),
                                    std::move(call.arguments), deadline);
  co_return parsed(answer, parse_nodes);
}

async::awaitable<base::result<membership>> broker::cluster(base::time_point deadline) {
  membership seen;
  base::result<std::vector<std::string>> members;
  if (list_members_ != has::no) {
    members = co_await nodes(call_of("rabbit_nodes", "list_members"), deadline);
    if (is_undefined(members)) list_members_ = has::no;
  }
  const bool mnesia = list_members_ == has::no;
  if (mnesia) {
    auto all = call_of("rabbit_mnesia", "cluster_nodes", etf::term(atom("all")));
    members = co_await nodes(std::move(all), deadline);
  }
  if (members.has_error()) co_return members.error();
  seen.members = std::move(*members);

  auto reachable = mnesia ? call_of("rabbit_mnesia", "cluster_nodes", etf::term(atom("running")))
                          : call_of("rabbit_nodes", "list_reachable");
  auto running = co_await nodes(std::move(reachable), deadline);
  if (running.has_error()) co_return running.error();
  seen.running = std::move(*running);

  if (partitions_ != has::no) {
    auto partitions = co_await nodes(call_of("rabbit_node_monitor", "partitions"), deadline);
    if (is_undefined(partitions)) {
      partitions_ = has::no;
    } else if (partitions.has_error()) {
      co_return partitions.error();
    } else {
      seen.partitioned = std::move(*partitions);
    }
  }
  co_return seen;
}

async::awaitable<base::result<std::string>> broker::version(base::time_point deadline) {
  auto answer = co_await link_.call("rabbit_misc", "version", {}, deadline);
  co_return parsed(answer, parse_version);
}

}  // namespace warren::rabbitmq
