#include "rabbitmq/questions.hpp"

#include <vector>

namespace warren::rabbitmq {
namespace {

using erldist::function_call;
using etf::atom;
using etf::term;

// How long the alarm handler may take, which waits for no other node.
constexpr int alarm_timeout_ms = 500;

template <class... T>
std::vector<term> with(T... argument) {
  std::vector<term> arguments;
  (arguments.push_back(std::move(argument)), ...);
  return arguments;
}

function_call setting(const char* application, const char* name) {
  return {"application", "get_env", with(atom(application), atom(name))};
}

function_call table_size(const char* table) {
  return {"ets", "info", with(atom(table), atom("size"))};
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
    // Not rabbit_nodes:persistent_cluster_id/0, which makes one up where there is none.
    case question::cluster_id:
      return {{"rabbit_runtime_parameters", "value_global", with(atom("internal_cluster_id"))}};
    case question::khepri_enabled:  // false where the flag is unknown
      return {
          {"rabbit_feature_flags", "is_enabled", with(atom("khepri_db"), atom("non_blocking"))}};
    case question::vm_status:
      return {{"init", "get_status", {}}};
    case question::vm_start:
      return {{"erlang", "system_info", with(atom("start_time"))}};
    case question::vm_clock_offset:
      return {{"erlang", "time_offset", {}}};
    case question::native_units:
      return {{"erlang", "convert_time_unit", with(1, atom("second"), atom("native"))}};
    case question::data_folder:
      return {{"rabbit", "data_dir", {}}, setting("mnesia", "dir")};
    case question::default_user:
      return {setting("rabbit", "default_user")};
    case question::default_vhost:
      return {setting("rabbit", "default_vhost")};
    case question::users:
      return {{"rabbit_auth_backend_internal", "list_users", {}}};
    case question::vhosts:
      return {{"rabbit_vhost", "list_names", {}}};
    case question::exchanges:
      return {{"rabbit_exchange", "list_names", {}}};
    case question::policies:
      return {{"rabbit_policy", "list", {}}};
    case question::operator_policies:
      return {{"rabbit_policy", "list_op", {}}};
    case question::parameters:  // without policies and what is global
      return {{"rabbit_runtime_parameters", "list", {}}};
    // rabbit_amqqueue:count/0 answers 0 while the broker is stopped.
    case question::queues_up:
      return {table_size("rabbit_queue")};
    case question::queues_durable:
      return {table_size("rabbit_durable_queue")};
    case question::queues_in_khepri:
      return {table_size("rabbit_khepri_queue")};
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
