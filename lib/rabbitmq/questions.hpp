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
};
constexpr std::size_t question_count = 9;

// The function that answers on `node`: choice 0 on current versions, the next ones on older ones.
// Nothing beyond the last choice.
std::optional<erldist::function_call> function_for(question q, std::size_t choice,
                                                   const std::string& node);

// The answer of a broker that has none of the functions, where that is an answer: it does not know
// the thing itself.
std::optional<etf::term> answer_without_function(question q);

}  // namespace warren::rabbitmq
