#include "erldist/connection.hpp"

#include "erldist/control.hpp"
#include "erldist/errc.hpp"
#include "etf/match.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/linked_node.hpp"

#include <utility>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using erldist::connection;
using erldist::errc;
using etf::atom;
using etf::list_of;
using etf::tuple_of;
using testing::linked_node;
using testing::with_link;

namespace {

base::time_point in(base::duration time) {
  return base::steady::now() + time;
}

awaitable<base::error_code> code_of(connection& link, std::string function,
                                    base::duration limit = 5s) {
  const auto answer = co_await link.call("m", std::move(function), {}, in(limit));
  co_return answer ? base::error_code{} : answer.error().code;
}

}  // namespace

TEST_CASE("a call brings the function's value", "[erldist]") {
  with_link([](linked_node& l) -> awaitable<void> {
    l.node.answer("lists:max", [](const auto& arguments) { return arguments.at(0); });
    std::vector<etf::term> arguments{list_of(1, 2)};
    const auto answer = co_await l.link->call("lists", "max", std::move(arguments), in(5s));
    REQUIRE(answer.has_value());
    CHECK(*answer == list_of(1, 2));
    CHECK(l.node.calls() == std::vector<std::string>{"lists:max/1"});
    CHECK(l.link->counters().calls == 1);
    CHECK(l.link->counters().answers == 1);
    CHECK(l.link->last_answer() == l.link->last_received());
  });
}

TEST_CASE("a ping is answered", "[erldist]") {
  with_link([](linked_node& l) -> awaitable<void> {
    const auto alive = co_await l.link->ping(in(5s));
    CHECK(alive.has_value());
    l.node.hang();
    const auto hung = co_await l.link->ping(in(20ms));
    REQUIRE(hung.has_error());
    CHECK(hung.error().code == errc::call_timeout);
  });
}

TEST_CASE("calls of one burst go out in one write and keep their order", "[erldist]") {
  with_link([](linked_node& l) -> awaitable<void> {
    l.node.answer_after(10ms, "m:slow", atom("slow"));
    l.node.answer("m:quick", atom("quick"));
    std::vector<erldist::function_call> calls{
        {"m", "slow", {}}, {"m", "quick", {}}, {"m", "missing", {}}, {"m", "quick", {}}};
    const auto answers = co_await l.link->call_all(std::move(calls), in(5s));
    REQUIRE(answers.size() == 4);
    CHECK(answers[0].value() == etf::term(atom("slow")));
    CHECK(answers[1].value() == etf::term(atom("quick")));
    CHECK(answers[2].error().code == errc::undefined_function);
    CHECK(answers[3].value() == etf::term(atom("quick")));
    CHECK(l.node.calls_in_largest_read() == 4);
    CHECK(l.link->counters().writes == 1);
  });
}

TEST_CASE("calls of several coroutines in the same turn go out in one write", "[erldist]") {
  with_link([](linked_node& l) -> awaitable<void> {
    l.node.answer("m:f", atom("ok"));
    int done = 0;
    auto caller = [](linked_node& to, int& count) -> awaitable<void> {
      if (co_await code_of(*to.link, "f") == base::error_code{}) ++count;
    };
    for (int i = 0; i < 10; ++i) l.tasks.spawn("caller", caller(l, done));
    co_await testing::poll_until([&] { return done == 10; }, "ten answers");
    CHECK(l.link->counters().writes == 1);
  });
}

TEST_CASE("a late answer is dropped and counted, and the link stays up", "[erldist]") {
  with_link([](linked_node& l) -> awaitable<void> {
    l.node.answer_after(30ms, "m:slow", atom("late"));
    l.node.answer("m:quick", atom("quick"));
    CHECK(co_await code_of(*l.link, "slow", 5ms) == errc::call_timeout);
    CHECK(l.link->counters().timeouts == 1);
    co_await testing::poll_until([&] { return l.link->counters().late_answers == 1; }, "late");
    const auto answer = co_await l.link->call("m", "quick", {}, in(5s));
    CHECK(answer.value() == etf::term(atom("quick")));
    CHECK_FALSE(l.ended.has_value());
  });
}

TEST_CASE("an answer owed to an earlier link is not taken for one of this link", "[erldist]") {
  with_link([](linked_node& l) -> awaitable<void> {
    l.node.never_answer("m:f");
    CHECK(co_await code_of(*l.link, "f", 1ms) == errc::call_timeout);
    co_await testing::poll_until([&] { return l.node.calls().size() == 1; }, "the call");
    const etf::pid earlier = l.node.last_caller();
    l.tasks.cancel();
    co_await l.tasks.join();

    co_await l.open();
    std::string owed;
    for (int tag = 0; tag < 10; ++tag) {
      erldist::append_message(owed,
                              erldist::process_message{earlier, tuple_of(tag, atom("wrong"))});
    }
    l.node.answer("m:g", [&](const auto&) {
      l.node.send(owed);
      return atom("right");
    });
    const auto answer = co_await l.link->call("m", "g", {}, in(5s));
    CHECK(answer.value() == etf::term(atom("right")));
    CHECK(l.link->counters().ignored_messages == 10);
  });
}

TEST_CASE("a cancelled call leaves nothing behind", "[erldist]") {
  with_link([](linked_node& l) -> awaitable<void> {
    l.node.answer_after(20ms, "m:slow", atom("late"));
    auto caller = [](linked_node& to) -> awaitable<void> { co_await code_of(*to.link, "slow"); };
    async::task_group callers(co_await async::asio::this_coro::executor,
                              [](auto, const auto&) { FAIL("only cancelled"); });
    callers.spawn("caller", caller(l));
    co_await testing::poll_until([&] { return l.node.calls().size() == 1; }, "the call");
    callers.cancel();
    co_await callers.join();
    co_await testing::poll_until([&] { return l.link->counters().late_answers == 1; }, "late");
  });
}

TEST_CASE("the calls in flight are bounded", "[erldist]") {
  erldist::connection_settings settings;
  settings.calls_in_flight = 2;
  with_link(
      [](linked_node& l) -> awaitable<void> {
        l.node.answer("m:f", atom("ok"));
        std::vector<erldist::function_call> three(3, {"m", "f", {}});
        const auto answers = co_await l.link->call_all(std::move(three), in(5s));
        CHECK(answers[0].has_value());
        CHECK(answers[1].has_value());
        CHECK(answers[2].error().code == errc::too_many_calls);
        CHECK(co_await code_of(*l.link, "f") == base::error_code{});
      },
      settings);
}

TEST_CASE("a function that fails on the node has a typed failure", "[erldist]") {
  with_link([](linked_node& l) -> awaitable<void> {
    const auto exit = [](etf::term reason) { return tuple_of(atom("EXIT"), std::move(reason)); };
    const auto where = list_of(tuple_of(atom("gen_server"), atom("call"), 2, etf::list{}));
    l.node.fail("m:noproc", exit(tuple_of(atom("noproc"), where)));
    l.node.fail("m:nodedown", atom("nodedown"));
    l.node.fail("m:timeout", exit(tuple_of(tuple_of(atom("timeout"), 1), where)));
    l.node.fail(
        "m:inner",
        exit(tuple_of(atom("undef"), list_of(tuple_of(atom("other"), atom("f"), etf::list{})))));
    l.node.fail("m:other", exit(tuple_of(atom("aborted"), atom("no_exists"))));
    CHECK(co_await code_of(*l.link, "undefined") == errc::undefined_function);
    CHECK(co_await code_of(*l.link, "noproc") == errc::no_process);
    CHECK(co_await code_of(*l.link, "nodedown") == errc::node_down);
    CHECK(co_await code_of(*l.link, "timeout") == errc::remote_timeout);
    CHECK(co_await code_of(*l.link, "inner") == errc::remote_failure);
    const auto other = co_await l.link->call("m", "other", {}, in(5s));
    CHECK(other.error().code == errc::remote_failure);
    CHECK(other.error().detail == "m:other/0 {'EXIT',{aborted,no_exists}}");
  });
}

TEST_CASE("a node that is killed ends the link and its calls at once", "[erldist]") {
  with_link([](linked_node& l) -> awaitable<void> {
    l.node.never_answer("m:f");
    base::error_code code;
    auto caller = [](linked_node& to, base::error_code& got) -> awaitable<void> {
      got = co_await code_of(*to.link, "f");
    };
    l.tasks.spawn("caller", caller(l, code));
    co_await testing::poll_until([&] { return l.node.calls().size() == 1; }, "the call");
    l.node.stop();
    CHECK(co_await l.end() == errc::connection_lost);
    co_await testing::poll_until([&] { return code == errc::connection_lost; }, "call failed");
    CHECK(co_await code_of(*l.link, "f") == errc::connection_lost);
  });
}

TEST_CASE("ticks are sent while nothing else is, also while a call waits", "[erldist]") {
  erldist::connection_settings settings;
  settings.net_ticktime = 400ms;
  testing::run_coroutine([&]() -> awaitable<void> {
    linked_node l(co_await async::asio::this_coro::executor);
    l.node.tick_every(10ms);
    l.node.never_answer("m:f");
    co_await l.open(settings);
    auto caller = [](linked_node& to) -> awaitable<void> { co_await code_of(*to.link, "f"); };
    l.tasks.spawn("caller", caller(l));
    co_await testing::poll_until([&] { return l.node.ticks() >= 2; }, "two ticks");
    CHECK(l.link->counters().ticks_sent >= 2);
    l.tasks.cancel();
    co_await l.tasks.join();
  });
}

TEST_CASE("a node that sends neither answers nor ticks is dead after the tick limit", "[erldist]") {
  erldist::connection_settings settings;
  settings.net_ticktime = 40ms;
  with_link(
      [](linked_node& l) -> awaitable<void> {
        const auto start = base::steady::now();
        CHECK(co_await l.end() == errc::peer_silent);
        CHECK(base::steady::now() - start >= 40ms);
      },
      settings);
}

TEST_CASE("a node that only ticks stays connected", "[erldist]") {
  erldist::connection_settings settings;
  settings.net_ticktime = 400ms;
  testing::run_coroutine([&]() -> awaitable<void> {
    linked_node l(co_await async::asio::this_coro::executor);
    l.node.tick_every(10ms);
    co_await l.open(settings);
    const auto limit = base::steady::now() + 550ms;  // beyond net_ticktime and a quarter
    co_await testing::poll_until([&] { return l.ended || base::steady::now() > limit; }, "time");
    CHECK(l.link->counters().ticks_received >= 2);
    CHECK_FALSE(l.ended.has_value());
    CHECK(l.link->last_answer() < l.link->last_received());
    l.tasks.cancel();
    co_await l.tasks.join();
    CHECK(co_await code_of(*l.link, "f") == errc::connection_closed);
  });
}

TEST_CASE("what no call asked for is ignored and counted", "[erldist]") {
  with_link([](linked_node& l) -> awaitable<void> {
    l.node.answer("m:f", atom("ok"));
    CHECK(co_await code_of(*l.link, "f") == base::error_code{});
    const etf::pid us = l.node.last_caller();
    etf::pid stranger = us;
    ++stranger.id;
    std::string bytes;
    erldist::append_message(bytes, erldist::process_message{us, tuple_of(4711, atom("ok"))});
    erldist::append_message(bytes, erldist::process_message{us, atom("hello")});
    erldist::append_message(bytes, erldist::process_message{stranger, tuple_of(1, 2)});
    erldist::append_message(bytes, erldist::name_message{us, "rex", atom("x")});
    bytes += std::string("\0\0\0\3p\x83h", 7);
    l.node.send(bytes);
    co_await testing::poll_until([&] { return l.link->counters().broken_messages == 1; }, "all");
    CHECK(l.link->counters().late_answers == 1);
    CHECK(l.link->counters().ignored_messages == 3);
    CHECK_FALSE(l.ended.has_value());
  });
}

TEST_CASE("a message that is too large ends the link", "[erldist]") {
  with_link([](linked_node& l) -> awaitable<void> {
    l.node.send(std::string(4, '\xFF'));
    CHECK(co_await l.end() == errc::frame_too_large);
  });
}
