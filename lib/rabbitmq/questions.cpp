#include "rabbitmq/questions.hpp"

#include <vector>

namespace warren::rabbitmq {
namespace {

using erldist::function_call;
using etf::atom;
using etf::term;

// How long the alarm handler may take, which waits for no other node.
constexpr int alarm_timeout_ms = 500;

std::vector<term> with(term argument) {
  std::vector<term> arguments;
  arguments.push_back(std::move(argument));
  return arguments;
}

// Local calls only: rabbit_networking:active_listeners/0 and rabbit_nodes:list_running/0 of 4.x ask
// every member and wait for those that are cut off.
std::vector<function_call> functions_for(question q, const std::string& node) {
  switch (q) {
    case question::version:
      return {{"rabbit_misc", "version", {}}};
    case question::boot_state:
      return {{"rabbit_boot_state", "get", {}}, {"rabbit", "is_running", {}}};
    case question::paused:  // the process that runs while pause_minority has stopped the broker
      return {{"erlang", "whereis", with(atom("rabbit_outside_app_process"))}};
    case question::draining:
      return {{"rabbit_maintenance", "status_local_read", with(atom(node))}};
    case question::local_alarms:
      return {{"rabbit_alarm", "get_local_alarms", with(alarm_timeout_ms)},
              {"rabbit_alarm", "get_alarms", {}}};
    case question::listeners:
      return {{"rabbit_networking", "node_listeners", with(atom(node))}};
    case question::members:
      return {{"rabbit_nodes", "list_members", {}},
              {"rabbit_mnesia", "cluster_nodes", with(atom("all"))}};
    case question::running:
      return {{"rabbit_nodes", "list_reachable", {}},
              {"rabbit_mnesia", "cluster_nodes", with(atom("running"))}};
    case question::partitions:
      return {{"rabbit_node_monitor", "partitions", {}}};
  }
  return {};
}

}  // namespace

std::optional<function_call> function_for(question q, std::size_t choice, const std::string& node) {
  std::vector<function_call> functions = functions_for(q, node);
  if (choice >= functions.size()) return std::nullopt;
  return std::move(functions[choice]);
}

std::optional<term> answer_without_function(question q) {
  if (q == question::draining) return atom("undefined");  // before 3.8.8: no maintenance mode
  if (q == question::partitions) return etf::list{};      // 4.3: no partition handling
  return std::nullopt;
}

}  // namespace warren::rabbitmq
