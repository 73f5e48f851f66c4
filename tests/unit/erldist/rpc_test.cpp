#include "erldist/rpc.hpp"

#include "erldist/errc.hpp"
#include "etf/to_text.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using namespace warren::erldist;
using etf::atom;
using etf::list_of;
using etf::tuple_of;

namespace {

const etf::pid us{atom("w@h"), 1, 0, 7};
const function_call call{"rabbit", "is_running", {}};

base::error_code failure_of(etf::term reason) {
  const auto r = call_result(tuple_of(atom("badrpc"), std::move(reason)), call);
  return r ? base::error_code{} : r.error().code;
}
etf::term exit_with(etf::term reason) {
  return tuple_of(atom("EXIT"), std::move(reason));
}

}  // namespace

TEST_CASE("requests have the form that rex and net_kernel expect", "[erldist]") {
  const function_call with_argument{"lists", "max", {list_of(atom("a"))}};
  CHECK(etf::to_text(call_request(us, 5, with_argument)) ==
        "{'$gen_call',{#Pid<w@h.1.0>,5},{call,lists,max,[[a]],user}}");
  CHECK(etf::to_text(ping_request(us, 5)) == "{'$gen_call',{#Pid<w@h.1.0>,5},{is_auth,w@h}}");
}

TEST_CASE("an answer is a pair of a tag and a value", "[erldist]") {
  const auto answer = take_answer(tuple_of(5, atom("yes")));
  REQUIRE(answer.has_value());
  CHECK(answer->first == 5);
  CHECK(answer->second == etf::term(atom("yes")));
  CHECK_FALSE(take_answer(tuple_of(atom("rex"), 1)).has_value());
  CHECK_FALSE(take_answer(tuple_of(5)).has_value());
  CHECK_FALSE(take_answer(atom("yes")).has_value());
}

TEST_CASE("what a failed call means is told by its reason", "[erldist]") {
  const auto stack = [](const char* module, const char* function) {
    return list_of(tuple_of(atom(module), atom(function), etf::list{}, etf::list{}));
  };
  CHECK(failure_of(exit_with(tuple_of(atom("undef"), stack("rabbit", "is_running")))) ==
        errc::undefined_function);
  CHECK(failure_of(exit_with(tuple_of(atom("undef"), stack("rabbit", "helper")))) ==
        errc::remote_failure);
  CHECK(failure_of(exit_with(tuple_of(atom("undef"), etf::list{}))) == errc::remote_failure);
  CHECK(failure_of(exit_with(tuple_of(atom("noproc"), stack("gen", "call")))) == errc::no_process);
  CHECK(failure_of(exit_with(atom("noproc"))) == errc::no_process);
  CHECK(failure_of(atom("nodedown")) == errc::node_down);
  CHECK(failure_of(exit_with(tuple_of(tuple_of(atom("nodedown"), 1), 2))) == errc::node_down);
  CHECK(failure_of(atom("timeout")) == errc::remote_timeout);
  CHECK(failure_of(exit_with(tuple_of(atom("timeout"), 1))) == errc::remote_timeout);
  CHECK(failure_of(exit_with(etf::tuple{})) == errc::remote_failure);
  CHECK(failure_of(3) == errc::remote_failure);
}

TEST_CASE("a value that only resembles a failure is a value", "[erldist]") {
  CHECK(call_result(atom("badrpc"), call).has_value());
  CHECK(call_result(tuple_of(atom("badrpc"), 1, 2), call).has_value());
}
