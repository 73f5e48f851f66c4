#include "rabbitmq/join.hpp"

#include "rabbitmq/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_broker.hpp"
#include "tests/support/linked_node.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using etf::atom;
using etf::list_of;
using etf::term;
using etf::tuple_of;
using rabbitmq::errc;
using testing::fake_erlang_node;
using testing::linked_node;
using testing::with_link;

namespace {

const char* const node_name = "rabbit@fake";
const char* const target = "rabbit@founder";

const auto go_on = [] { return true; };

base::time_point soon() {
  return base::steady::now() + 5s;
}

// A node that has booted alone, and the cluster that it is to join.
struct scene {
  std::string boot = "ready";
  std::vector<std::string> own_members{node_name};
  std::vector<std::string> cluster{target};
  std::string target_boot = "ready";
  int queues = 0;
};

term nodes(const std::vector<std::string>& names) {
  etf::list all;
  for (const auto& name : names) all.elements.emplace_back(atom(name));
  return all;
}

term setting(const char* value) {
  return tuple_of(atom("ok"), etf::binary(value));
}

void hold_first_boot(fake_erlang_node& node, scene& s) {
  node.answer("application:get_env", [](const auto& arguments) {
    return setting(arguments[1] == term(atom("default_vhost")) ? "/" : "guest");
  });
  node.answer("rabbit_auth_backend_internal:list_users",
              list_of(list_of(tuple_of(atom("user"), etf::binary("guest")))));
  node.answer("rabbit_vhost:list_names", list_of(etf::binary("/")));
  node.answer("rabbit_exchange:list_names", etf::list{});
  node.answer("rabbit_policy:list", etf::list{});
  node.answer("rabbit_policy:list_op", etf::list{});
  node.answer("rabbit_runtime_parameters:list", etf::list{});
  node.answer("ets:info", [&](const auto& arguments) {
    if (arguments[0] != term(atom("rabbit_khepri_queue"))) return term(atom("undefined"));
    return term(s.queues);
  });
}

term join(scene& s) {
  s.cluster.emplace_back(node_name);
  s.own_members = s.cluster;
  return atom("ok");
}

void be_alone(fake_erlang_node& node, scene& s) {
  testing::run_broker(node);
  hold_first_boot(node, s);
  node.answer("rabbit_boot_state:get", [&](const auto&) { return term(atom(s.boot)); });
  node.answer("init:get_status", tuple_of(atom("started"), atom("started")));
  node.answer("rabbit_nodes:list_members",
              [&](const auto&) { return s.boot == "ready" ? nodes(s.own_members) : term(); });
  node.answer("rabbit_nodes:list_reachable", [&](const auto&) { return nodes(s.own_members); });
  node.answer("rpc:call", [&](const auto& arguments) {
    if (arguments[1] == term(atom("rabbit_boot_state"))) return term(atom(s.target_boot));
    if (arguments[1] == term(atom("rabbit_nodes"))) return nodes(s.cluster);
    return tuple_of(atom("badrpc"), tuple_of(atom("EXIT"), tuple_of(atom("undef"), etf::list{})));
  });
  node.answer("rabbit_db_cluster:join", [&](const auto&) { return join(s); });
  node.answer("rabbit:start", [&](const auto&) {
    s.boot = "ready";
    return term(atom("ok"));
  });
}

void be_3_10(fake_erlang_node& node, scene& s) {
  be_alone(node, s);
  node.answer("rabbit_misc:version", etf::charlist("3.10.8"));
  node.undefine("rabbit_db_cluster:join");
  node.answer("rabbit:stop", [&](const auto&) {
    s.boot = "stopped";
    return term(atom("ok"));
  });
  node.answer("rabbit_mnesia:join_cluster", [&](const auto&) {
    return s.boot == "stopped" ? join(s)
                               : tuple_of(atom("error"), atom("mnesia_unexpectedly_running"));
  });
}

bool was_called(const fake_erlang_node& node, const std::string& call) {
  return std::ranges::find(node.calls(), call) != node.calls().end();
}

}  // namespace

TEST_CASE("a node that has booted alone joins", "[rabbitmq]") {
  scene s;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    CHECK((co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on)).has_value());
    CHECK(was_called(l.node, "rabbit_db_cluster:join/2"));
    CHECK_FALSE(was_called(l.node, "rabbit:stop/0"));
  });
}

TEST_CASE("3.10 is stopped, joins and is started", "[rabbitmq]") {
  scene s;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_3_10(l.node, s);
    const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on);
    CHECK(joined.has_value());
    CHECK(was_called(l.node, "rabbit_mnesia:join_cluster/2"));
    CHECK(s.boot == "ready");
  });
}

TEST_CASE("a member does not join again", "[rabbitmq]") {
  scene s;
  s.cluster = {node_name, target};
  s.own_members = s.cluster;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    CHECK((co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on)).has_value());
    CHECK_FALSE(was_called(l.node, "rabbit_db_cluster:join/2"));
  });
}

TEST_CASE("a node that holds more than a first boot leaves keeps it", "[rabbitmq]") {
  scene s;
  s.queues = 3;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on);
    REQUIRE(joined.has_error());
    CHECK(joined.error().code == errc::holds_data);
    CHECK(joined.error().detail.starts_with("rabbit@fake holds 3 queues"));
    CHECK_FALSE(was_called(l.node, "rabbit_db_cluster:join/2"));
  });
}

TEST_CASE("who has lost the lock does not make it join", "[rabbitmq]") {
  scene s;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    const auto lost_it = [] { return false; };
    const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, soon(), lost_it);
    REQUIRE(joined.has_error());
    CHECK(joined.error().code == errc::stopped);
    CHECK_FALSE(was_called(l.node, "rabbit_db_cluster:join/2"));
  });
}

TEST_CASE("what definitions bring to every node does not keep it", "[rabbitmq]") {
  scene s;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    l.node.answer("rabbit_vhost:list_names", list_of(etf::binary("/"), etf::binary("shop")));
    CHECK((co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on)).has_value());
  });
}

TEST_CASE("3.12 is stopped too, though it has the newer function", "[rabbitmq]") {
  scene s;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    l.node.answer("rabbit_misc:version", etf::charlist("3.12.14"));
    l.node.answer("rabbit:stop", [&](const auto&) {
      s.boot = "stopped";
      return term(atom("ok"));
    });
    l.node.answer("rabbit_db_cluster:join", [&](const auto&) {
      return s.boot == "stopped" ? join(s)
                                 : tuple_of(atom("error"), atom("mnesia_unexpectedly_running"));
    });
    CHECK((co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on)).has_value());
  });
}

TEST_CASE("a member of another cluster stays in it", "[rabbitmq]") {
  scene s;
  s.own_members = {node_name, "rabbit@other"};
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on);
    REQUIRE(joined.has_error());
    CHECK(joined.error().code == errc::holds_data);
    CHECK_FALSE(was_called(l.node, "rabbit_db_cluster:join/2"));
  });
}

TEST_CASE("nothing is changed for a target that cannot be joined", "[rabbitmq]") {
  scene s;
  SECTION("it boots") {
    s.target_boot = "booting";
  }
  SECTION("it does not tell its members") {
    s.cluster.clear();
  }
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on);
    REQUIRE(joined.has_error());
    CHECK(joined.error().code == errc::join_refused);
    CHECK_FALSE(was_called(l.node, "rabbit_db_cluster:join/2"));
  });
}

TEST_CASE("a cluster that lists the node already decides itself whether it may join",
          "[rabbitmq]") {
  scene s;
  s.cluster = {target, node_name};
  SECTION("Khepri takes it out and in again") {
    with_link([&](linked_node& l) -> awaitable<void> {
      be_alone(l.node, s);
      CHECK((co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on)).has_value());
    });
  }
  SECTION("Mnesia refuses it") {
    with_link([&](linked_node& l) -> awaitable<void> {
      be_alone(l.node, s);
      l.node.answer("rabbit_db_cluster:join",
                    tuple_of(atom("error"),
                             tuple_of(atom("inconsistent_cluster"), etf::charlist("disagrees"))));
      const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on);
      REQUIRE(joined.has_error());
      CHECK(joined.error().code == errc::join_refused);
    });
  }
  SECTION("3.10 is not even stopped for it") {
    with_link([&](linked_node& l) -> awaitable<void> {
      be_3_10(l.node, s);
      const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on);
      REQUIRE(joined.has_error());
      CHECK(joined.error().code == errc::join_refused);
      CHECK(s.boot == "ready");
    });
  }
}

TEST_CASE("a node that is to be forgotten stops only what a first boot has made", "[rabbitmq]") {
  scene s;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_3_10(l.node, s);
    s.queues = 1;
    const auto kept = co_await rabbitmq::stop_to_be_forgotten(*l.link, soon());
    REQUIRE(kept.has_error());
    CHECK(kept.error().code == errc::holds_data);
    CHECK(s.boot == "ready");
    s.queues = 0;
    CHECK((co_await rabbitmq::stop_to_be_forgotten(*l.link, soon())).has_value());
    CHECK(s.boot == "stopped");
    CHECK((co_await rabbitmq::stop_to_be_forgotten(*l.link, soon())).has_value());
  });
}

TEST_CASE("nothing is changed for a target that the node does not reach", "[rabbitmq]") {
  scene s;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    l.node.answer("rpc:call", tuple_of(atom("badrpc"), atom("nodedown")));
    const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on);
    REQUIRE(joined.has_error());
    CHECK(joined.error().code == errc::join_refused);
    CHECK_FALSE(was_called(l.node, "rabbit_db_cluster:join/2"));
  });
}

TEST_CASE("a node that was left between joining and starting is started", "[rabbitmq]") {
  scene s;
  s.boot = "stopped";
  s.cluster = {node_name, target};
  s.own_members = s.cluster;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    CHECK((co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on)).has_value());
    CHECK_FALSE(was_called(l.node, "rabbit_db_cluster:join/2"));
    CHECK(was_called(l.node, "rabbit:start/0"));
  });
}

TEST_CASE("a node that was left between stopping and joining joins and is started", "[rabbitmq]") {
  scene s;
  s.boot = "stopped";
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    CHECK((co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on)).has_value());
    CHECK(was_called(l.node, "rabbit_db_cluster:join/2"));
    CHECK(was_called(l.node, "rabbit:start/0"));
  });
}

TEST_CASE("a node that boots is waited for", "[rabbitmq]") {
  scene s;
  s.boot = "booting";
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    int looks = 0;
    l.node.answer("rabbit_boot_state:get", [&](const auto&) {
      if (++looks > 2) s.boot = "ready";
      return term(atom(s.boot));
    });
    CHECK((co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on)).has_value());
    CHECK(looks > 2);
  });
}

TEST_CASE("a broker that is ready waits for the end of its VM's own start", "[rabbitmq]") {
  scene s;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    int looks = 0;
    l.node.answer("init:get_status", [&](const auto&) {
      return tuple_of(atom(++looks > 2 ? "started" : "starting"), atom("started"));
    });
    l.node.answer("rabbit_db_cluster:join", [&](const auto&) {
      CHECK(looks > 2);
      return join(s);
    });
    CHECK((co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on)).has_value());
  });
}

TEST_CASE("a node that boots beyond the deadline is left alone", "[rabbitmq]") {
  scene s;
  // The VM has only begun: the broker's own boot state does not tell that yet.
  s.boot = "stopped";
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    l.node.answer("init:get_status", tuple_of(atom("starting"), atom("started")));
    const auto deadline = base::steady::now() + 300ms;
    const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, deadline, go_on);
    REQUIRE(joined.has_error());
    CHECK(joined.error().code == errc::not_running);
    CHECK_FALSE(was_called(l.node, "rabbit_db_cluster:join/2"));
  });
}

TEST_CASE("a join that fails is told with the broker's words", "[rabbitmq]") {
  scene s;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    l.node.answer("rabbit_db_cluster:join",
                  tuple_of(atom("error"),
                           tuple_of(atom("join_timeout"), etf::charlist("somebody disagrees"))));
    const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on);
    REQUIRE(joined.has_error());
    CHECK(joined.error().code == errc::join_failed);
    CHECK(joined.error().detail == "rabbit_db_cluster:join/2: somebody disagrees");
  });
}

TEST_CASE("a broker that does not start after joining is told with its words", "[rabbitmq]") {
  scene s;
  s.boot = "stopped";
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    // rabbit:start/0 throws what it ends with.
    l.node.answer("rabbit:start", tuple_of(atom("error"), atom("timeout_waiting_for_tables")));
    const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on);
    REQUIRE(joined.has_error());
    CHECK(joined.error().code == errc::start_failed);
    CHECK(joined.error().detail.find("timeout_waiting_for_tables") != std::string::npos);
  });
}

TEST_CASE("a broker that is alone after all has not joined", "[rabbitmq]") {
  scene s;
  with_link([&](linked_node& l) -> awaitable<void> {
    be_alone(l.node, s);
    l.node.answer("rabbit_db_cluster:join", atom("ok"));
    const auto joined = co_await rabbitmq::join_by_calls(*l.link, target, soon(), go_on);
    REQUIRE(joined.has_error());
    CHECK(joined.error().code == errc::join_failed);
  });
}
