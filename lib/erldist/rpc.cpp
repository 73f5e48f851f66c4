#include "erldist/rpc.hpp"

#include "erldist/errc.hpp"
#include "etf/match.hpp"
#include "etf/to_text.hpp"

namespace warren::erldist {
namespace {

using etf::atom;
using etf::term;

term gen_call(const etf::pid& caller, std::int64_t tag, term request) {
  return etf::tuple_of(atom("$gen_call"), etf::tuple_of(caller, tag), std::move(request));
}

// {undef, [{Module, Function, Arity or Arguments, Location} | _]}
bool is_undefined(const term& reason, const function_call& call) {
  const auto* undef = etf::as_tagged(reason, "undef", 2);
  const auto* stack = undef ? etf::as_list(undef->back()) : nullptr;
  const auto* top = stack && !stack->empty() ? etf::as_tuple(stack->front()) : nullptr;
  return top && top->size() >= 2 && etf::is_atom((*top)[0], call.module) &&
         etf::is_atom((*top)[1], call.function);
}

// The atom that a reason is or, through any nesting of {Reason, Where}, begins with.
const term* innermost(const term* reason) {
  for (const auto* parts = etf::as_tuple(*reason); parts && !parts->empty();
       parts = etf::as_tuple(*reason)) {
    reason = &parts->front();
  }
  return reason;
}

errc kind_of(const term& reason, const function_call& call) {
  const auto* exit = etf::as_tagged(reason, "EXIT", 2);
  const term& cause = exit ? exit->back() : reason;
  if (is_undefined(cause, call)) return errc::undefined_function;
  const term* what = innermost(&cause);
  if (etf::is_atom(*what, "noproc")) return errc::no_process;
  if (etf::is_atom(*what, "nodedown")) return errc::node_down;
  if (etf::is_atom(*what, "timeout")) return errc::remote_timeout;
  return errc::remote_failure;
}

}  // namespace

std::string function_call::text() const {
  return module + ':' + function + '/' + std::to_string(arguments.size());
}

term call_request(const etf::pid& caller, std::int64_t tag, const function_call& call) {
  return gen_call(caller, tag,
                  etf::tuple_of(atom("call"), atom(call.module), atom(call.function),
                                etf::list{call.arguments}, atom("user")));
}

term ping_request(const etf::pid& caller, std::int64_t tag) {
  return gen_call(caller, tag, etf::tuple_of(atom("is_auth"), caller.node));
}

std::optional<std::pair<std::int64_t, term>> take_answer(const term& message) {
  const auto* parts = etf::as_tuple(message, 2);
  const auto tag = parts ? etf::as_integer(parts->front()) : std::nullopt;
  if (!tag) return std::nullopt;
  return std::pair(*tag, parts->back());
}

base::result<term> call_result(term answer, const function_call& call) {
  const auto* bad = etf::as_tagged(answer, "badrpc", 2);
  if (!bad) return answer;
  const term& reason = bad->back();
  return base::failure(kind_of(reason, call), call.text() + " " + etf::to_text(reason));
}

}  // namespace warren::erldist
