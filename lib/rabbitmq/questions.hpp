#pragma once

#include "erldist/rpc.hpp"
#include "etf/term.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace warren::rabbitmq {

// What a broker is asked.
enum class question {
  version,
  boot_state,
  paused,
  draining,
  local_alarms,
  listeners,
  members,
  running,
  partitions,
  cluster_id,
  khepri_enabled,
  vm_status,        // whether the Erlang VM itself starts or stops
  vm_start,         // monotonic, in native time units
  vm_clock_offset,  // what makes it a time since 1970
  native_units,     // in a second
  data_folder,
  default_user,
  default_vhost,
  users,
  vhosts,
  exchanges,
  policies,
  operator_policies,
  parameters,
  // Entries of the table of queues: up to 4.2 of Mnesia, those that are up and those that are
  // durable; of Khepri. A table that does not exist is `undefined`.
  queues_up,
  queues_durable,
  queues_in_khepri,
};
constexpr std::size_t question_count = 27;

// The function that answers on `node`: choice 0 on current versions, the next ones on older ones.
// Nothing beyond the last choice.
std::optional<erldist::function_call> function_for(question q, std::size_t choice,
                                                   const std::string& node);

// The answer of a broker that has none of the functions, where that is an answer: it does not know
// the thing itself.
std::optional<etf::term> answer_without_function(question q);

}  // namespace warren::rabbitmq
