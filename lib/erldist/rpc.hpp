#pragma once

#include "base/result.hpp"
#include "etf/term.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace warren::erldist {

// module:function(arguments...)
struct function_call {
  std::string module;
  std::string function;
  std::vector<etf::term> arguments;

  [[nodiscard]] std::string text() const;  // "rabbit_alarm:get_local_alarms/1"
};

// What is sent to `rex`, so that the answer comes to `caller` as {Tag, Result}. Unlike the plain
// call of Erlang's rpc this allows many calls at a time. What the function prints goes to the
// node's own log.
etf::term call_request(const etf::pid& caller, std::int64_t tag, const function_call& call);

// What is sent to `net_kernel` by net_adm:ping/1 and `rabbitmq-diagnostics ping`.
etf::term ping_request(const etf::pid& caller, std::int64_t tag);

// {Tag, Result} taken apart; nothing if the message is no answer.
std::optional<std::pair<std::int64_t, etf::term>> take_answer(const etf::term& message);

// The function's value. Fails for {badrpc, Reason}: undefined_function (this very function, not
// one that it calls), no_process, node_down, remote_timeout, else remote_failure.
base::result<etf::term> call_result(etf::term answer, const function_call& call);

}  // namespace warren::erldist
