#include "rabbitmq/broker.hpp"

#include "erldist/errc.hpp"
#include "rabbitmq/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/linked_node.hpp"

#include <algorithm>
#include <string>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using etf::atom;
using etf::list_of;
using etf::tuple_of;
using testing::fake_erlang_node;
using testing::linked_node;
using testing::with_link;

namespace {

const char* const node_name = "rabbit@fake";

base::time_point soon() {
  return base::steady::now() + 5s;
}

// What a running broker of 4.3 answers.
void be_4_3(fake_erlang_node& node) {
  node.answer("rabbit_misc:version", etf::charlist("4.3.6"));
  node.answer("rabbit_boot_state:get", atom("ready"));
  node.answer("erlang:whereis", atom("undefined"));
  node.answer("rabbit_maintenance:status_local_read", atom("regular"));
  node.answer("rabbit_alarm:get_local_alarms", etf::list{});
  node.answer(
      "rabbit_networking:node_listeners",
      list_of(tuple_of(atom("listener"), atom(node_name), atom("amqp"), etf::charlist("fake"),
                       tuple_of(0, 0, 0, 0, 0, 0, 0, 0), 5672, etf::list{})));
  node.answer("rabbit_nodes:list_members", list_of(atom("rabbit@b"), atom(node_name)));
  node.answer("rabbit_nodes:list_reachable", list_of(atom(node_name)));
}

// The same of 3.10, which has Mnesia alone, and partitions.
void be_3_10(fake_erlang_node& node) {
  be_4_3(node);
  node.undefine("rabbit_nodes:list_members");
  node.undefine("rabbit_nodes:list_reachable");
  node.answer("rabbit_node_monitor:partitions", list_of(atom("rabbit@b")));
  node.answer("rabbit_mnesia:cluster_nodes", [](const auto& arguments) {
    const bool all = arguments.at(0) == etf::term(atom("all"));
    return all ? list_of(atom("rabbit@b"), atom(node_name)) : list_of(atom(node_name));
  });
}

auto count(const fake_erlang_node& node, const std::string& call) {
  return std::count(node.calls().begin(), node.calls().end(), call);
}

}  // namespace

TEST_CASE("a running broker of 4.3 answers every question", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    rabbitmq::broker broker(*l.link);
    CHECK((co_await broker.version(soon())).value() == "4.3.6");
    const auto pulse = co_await broker.look(soon());
    CHECK(pulse.boot.value() == rabbitmq::boot_state::ready);
    CHECK_FALSE(pulse.paused.value());
    CHECK_FALSE(pulse.draining.value());
    CHECK(pulse.alarms.value().empty());
    const auto listeners = (co_await broker.listeners(soon())).value();
    const std::vector<rabbitmq::listener> amqp{{"amqp", "::", 5672}};
    CHECK(listeners == amqp);
    const auto members = (co_await broker.cluster(soon())).value();
    const rabbitmq::membership expected{{"rabbit@b", node_name}, {node_name}, {}};
    CHECK(members == expected);
  });
}

TEST_CASE("a stopped broker has no member list, not an empty one", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    l.node.answer("rabbit_nodes:list_members", etf::list{});
    l.node.answer("rabbit_nodes:list_reachable", etf::list{});
    rabbitmq::broker broker(*l.link);
    const auto members = co_await broker.cluster(soon());
    REQUIRE(members.has_error());
    CHECK(members.error().code == rabbitmq::errc::no_members);
  });
}

TEST_CASE("a function that the version lacks is asked once per connection", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_3_10(l.node);
    rabbitmq::broker broker(*l.link);
    const rabbitmq::membership expected{{"rabbit@b", node_name}, {node_name}, {"rabbit@b"}};
    for (int i = 0; i < 3; ++i) {
      const auto members = co_await broker.cluster(soon());
      CHECK(members.value() == expected);
    }
    CHECK(count(l.node, "rabbit_nodes:list_members/0") == 1);
    CHECK(count(l.node, "rabbit_nodes:list_reachable/0") == 1);
    CHECK(count(l.node, "rabbit_mnesia:cluster_nodes/1") == 6);
  });
}

TEST_CASE("what a version does not know is absent without being asked for again", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    l.node.undefine("rabbit_maintenance:status_local_read");
    rabbitmq::broker broker(*l.link);
    for (int i = 0; i < 3; ++i) {
      CHECK_FALSE((co_await broker.look(soon())).draining.value());
      CHECK((co_await broker.cluster(soon())).value().partitioned.empty());
    }
    CHECK(count(l.node, "rabbit_maintenance:status_local_read/1") == 1);
    CHECK(count(l.node, "rabbit_node_monitor:partitions/0") == 1);
  });
}

TEST_CASE("a look is one write, and each answer stands for itself", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    rabbitmq::broker broker(*l.link);
    // Whether it has booted is not known yet.
    CHECK((co_await broker.look(soon())).alarms.value().empty());
    CHECK(l.node.calls_in_largest_read() == 2);
    const auto before = l.link->counters().writes;
    const auto running = co_await broker.look(soon());
    CHECK(l.node.calls_in_largest_read() == 4);
    CHECK(l.link->counters().writes == before + 1);
    CHECK(running.boot.value() == rabbitmq::boot_state::ready);
    CHECK(running.alarms.value().empty());

    // As after stop_app, and paused.
    l.node.answer("rabbit_boot_state:get", atom("stopped"));
    l.node.answer("erlang:whereis", etf::pid{atom(node_name), 5, 0, 1});
    l.node.fail("rabbit_alarm:get_local_alarms",
                tuple_of(atom("EXIT"), tuple_of(atom("noproc"), etf::list{})));
    const auto paused = co_await broker.look(soon());
    CHECK(paused.boot.value() == rabbitmq::boot_state::stopped);
    CHECK(paused.paused.value());
    CHECK_FALSE(paused.draining.value());
    CHECK(paused.alarms.error().code == erldist::errc::no_process);
  });
}

TEST_CASE("a broker that boots is not asked for what lies in its tables", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    l.node.answer("rabbit_boot_state:get", atom("booting"));
    rabbitmq::broker broker(*l.link);
    const auto look = co_await broker.look(soon());
    CHECK(look.boot.value() == rabbitmq::boot_state::booting);
    CHECK_FALSE(look.paused.value());
    CHECK(look.draining.error().code == rabbitmq::errc::not_running);
    CHECK(look.alarms.error().code == rabbitmq::errc::not_running);
    CHECK((co_await broker.cluster(soon())).error().code == rabbitmq::errc::not_running);
    CHECK_FALSE((co_await broker.formation(soon())).value().cluster);
    for (const auto& call : l.node.calls()) {
      CHECK_FALSE(call.starts_with("rabbit_nodes:"));
      CHECK_FALSE(call.starts_with("rabbit_maintenance:"));
      CHECK_FALSE(call.starts_with("rabbit_alarm:"));
      CHECK_FALSE(call.starts_with("rabbit_runtime_parameters:"));
    }
    l.node.answer("rabbit_boot_state:get", atom("ready"));
    CHECK((co_await broker.cluster(soon())).has_value());
    CHECK((co_await broker.look(soon())).alarms.has_value());
  });
}

TEST_CASE("an alarm and maintenance mode show in the next look", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    const auto limit = tuple_of(atom("resource_limit"), atom("memory"), atom(node_name));
    l.node.answer("rabbit_alarm:get_local_alarms", list_of(tuple_of(limit, etf::list{})));
    l.node.answer("rabbit_maintenance:status_local_read", atom("draining"));
    rabbitmq::broker broker(*l.link);
    const auto answer = co_await broker.look(soon());
    REQUIRE(answer.alarms.value().size() == 1);
    CHECK(answer.alarms.value().front() == "memory");
    CHECK(answer.draining.value());
  });
}

TEST_CASE("alarms of versions without the local function are picked by node", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    const auto limit = [](const char* node) {
      return tuple_of(tuple_of(atom("resource_limit"), atom("disk"), atom(node)), etf::list{});
    };
    l.node.answer("rabbit_boot_state:get", atom("ready"));
    l.node.answer("rabbit_alarm:get_alarms", list_of(limit("rabbit@b"), limit(node_name)));
    rabbitmq::broker broker(*l.link);
    CHECK((co_await broker.look(soon())).alarms.value().size() == 1);
  });
}

TEST_CASE("a broker that has none of the functions fails, and is asked again later", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    rabbitmq::broker broker(*l.link);
    const auto undefined = co_await broker.look(soon());
    REQUIRE(undefined.boot.has_error());
    CHECK(undefined.boot.error().code == erldist::errc::undefined_function);
    be_4_3(l.node);
    CHECK((co_await broker.look(soon())).boot.value() == rabbitmq::boot_state::ready);
  });
}

TEST_CASE("a hung broker fails each answer of a look by its deadline", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    l.node.hang();
    rabbitmq::broker broker(*l.link);
    const auto answer = co_await broker.look(base::steady::now() + 20ms);
    CHECK(answer.boot.error().code == erldist::errc::call_timeout);
    CHECK(answer.alarms.error().code == erldist::errc::call_timeout);
    l.node.hang(false);
    CHECK((co_await broker.look(soon())).boot.has_value());
  });
}

TEST_CASE("an answer in an unknown form is a failure that quotes it", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    l.node.answer("rabbit_boot_state:get", atom("melting"));
    rabbitmq::broker broker(*l.link);
    const auto answer = co_await broker.look(soon());
    REQUIRE(answer.boot.has_error());
    CHECK(answer.boot.error().code == rabbitmq::errc::unexpected_answer);
    CHECK(answer.boot.error().detail.find("melting") != std::string::npos);
    CHECK(answer.paused.has_value());
  });
}
