#include "rabbitmq/broker.hpp"
#include "rabbitmq/errc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_broker.hpp"
#include "tests/support/linked_node.hpp"

#include <algorithm>
#include <string>

using namespace std::chrono_literals;
using namespace warren;
using async::awaitable;
using etf::atom;
using etf::binary;
using etf::list_of;
using etf::tuple_of;
using rabbitmq::boot_state;
using rabbitmq::errc;
using rabbitmq::metadata_store;
using testing::fake_erlang_node;
using testing::linked_node;
using testing::with_link;

namespace {

const char* const node_name = "rabbit@fake";
const char* const folder = "/var/lib/rabbitmq/mnesia/rabbit@fake";

base::time_point soon() {
  return base::steady::now() + 5s;
}

void be_4_3(fake_erlang_node& node) {
  testing::run_broker(node);
  node.answer("init:get_status", tuple_of(atom("started"), atom("started")));
  node.answer("rabbit_feature_flags:is_enabled", true);
  node.answer("rabbit_runtime_parameters:value_global", binary("rabbitmq-cluster-id-abc"));
  node.answer("rabbit:data_dir", etf::charlist(folder));
  node.answer("erlang:system_info", -576460752000000000);
  node.answer("erlang:time_offset", 2371960494900829398);
  node.answer("erlang:convert_time_unit", 1'000'000'000);
}

void be_3_10(fake_erlang_node& node) {
  be_4_3(node);
  node.answer("rabbit_misc:version", etf::charlist("3.10.8"));
  node.answer("rabbit_feature_flags:is_enabled", false);
  node.undefine("rabbit_nodes:list_members");
  node.undefine("rabbit_nodes:list_reachable");
  node.undefine("rabbit:data_dir");
  node.answer("application:get_env", tuple_of(atom("ok"), etf::charlist(folder)));
  node.answer("rabbit_node_monitor:partitions", etf::list{});
  node.answer("rabbit_mnesia:cluster_nodes", list_of(atom(node_name)));
}

}  // namespace

TEST_CASE("all that formation needs is asked of a running broker at once", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    rabbitmq::broker broker(*l.link);
    const auto facts = (co_await broker.formation(soon())).value();
    CHECK(facts.version == "4.3.6");
    CHECK(facts.boot == boot_state::ready);
    CHECK(facts.store == metadata_store::khepri);
    CHECK(facts.cluster_id == "rabbitmq-cluster-id-abc");
    CHECK(facts.data_folder == folder);
    const rabbitmq::membership alone{{node_name}, {node_name}, {}};
    CHECK(facts.cluster == alone);
    REQUIRE(facts.began);
    CHECK(std::chrono::duration_cast<std::chrono::microseconds>(facts.began->time_since_epoch()) ==
          1795499742900829us);
    CHECK(l.node.calls_in_largest_read() == 7);
  });
}

TEST_CASE("3.10 answers the same by its own functions", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_3_10(l.node);
    rabbitmq::broker broker(*l.link);
    const auto facts = (co_await broker.formation(soon())).value();
    CHECK(facts.store == metadata_store::mnesia);
    CHECK(facts.data_folder == folder);
    const rabbitmq::membership alone{{node_name}, {node_name}, {}};
    CHECK(facts.cluster == alone);
  });
}

TEST_CASE("what a stopped broker does not tell is not known", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    l.node.answer("rabbit_boot_state:get", atom("stopped"));
    l.node.answer("rabbit_runtime_parameters:value_global", atom("not_found"));
    l.node.answer("rabbit_nodes:list_members", etf::list{});
    l.node.answer("rabbit_nodes:list_reachable", etf::list{});
    rabbitmq::broker broker(*l.link);
    const auto facts = (co_await broker.formation(soon())).value();
    CHECK(facts.boot == boot_state::stopped);
    CHECK(facts.version == "4.3.6");
    CHECK(facts.cluster_id.empty());
    CHECK_FALSE(facts.cluster);
    CHECK(facts.began);
  });
}

TEST_CASE("the members that a booting broker names are not believed", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_3_10(l.node);
    l.node.answer("rabbit_boot_state:get", atom("booting"));
    rabbitmq::broker broker(*l.link);
    CHECK_FALSE((co_await broker.formation(soon())).value().cluster);
  });
}

TEST_CASE("a broker that has not begun to boot is not a stopped one", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    l.node.answer("rabbit_boot_state:get", atom("stopped"));
    l.node.answer("init:get_status", tuple_of(atom("starting"), atom("started")));
    rabbitmq::broker broker(*l.link);
    CHECK((co_await broker.formation(soon())).value().boot == boot_state::booting);
  });
}

TEST_CASE("a VM without a broker in it tells nothing", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    rabbitmq::broker broker(*l.link);
    CHECK((co_await broker.formation(soon())).has_error());
    CHECK((co_await broker.content(soon())).has_error());
  });
}

TEST_CASE("a running node tells whether it holds only a first boot", "[rabbitmq]") {
  with_link([](linked_node& l) -> awaitable<void> {
    be_4_3(l.node);
    l.node.answer("application:get_env", [](const auto& arguments) {
      const bool vhost = arguments[1] == etf::term(atom("default_vhost"));
      return tuple_of(atom("ok"), binary(vhost ? "/" : "guest"));
    });
    l.node.answer("rabbit_auth_backend_internal:list_users",
                  list_of(list_of(tuple_of(atom("user"), binary("guest")))));
    l.node.answer("rabbit_vhost:list_names", list_of(binary("/")));
    l.node.answer("rabbit_exchange:list_names", etf::list{});
    l.node.answer("rabbit_policy:list", etf::list{});
    l.node.answer("rabbit_policy:list_op", etf::list{});
    l.node.answer("rabbit_runtime_parameters:list", etf::list{});
    etf::term durable = 0;
    l.node.answer("ets:info", [&](const auto& arguments) {
      if (arguments[0] == etf::term(atom("rabbit_durable_queue"))) return durable;
      return etf::term(atom("undefined"));
    });
    rabbitmq::broker broker(*l.link);
    CHECK((co_await broker.content(soon())).value().first_boot_only);

    durable = 1;
    CHECK((co_await broker.content(soon())).value().found == "1 queue");

    // No table of queues at all: the database is down, which is not "no queues".
    durable = atom("undefined");
    const auto down = co_await broker.content(soon());
    REQUIRE(down.has_error());
    CHECK(down.error().code == errc::not_running);

    durable = 0;
    l.node.answer("rabbit_auth_backend_internal:list_users", etf::list{});
    CHECK((co_await broker.content(soon())).has_error());

    l.node.answer("rabbit_boot_state:get", atom("stopped"));
    const auto stopped = co_await broker.content(soon());
    REQUIRE(stopped.has_error());
    CHECK(stopped.error().code == errc::not_running);
  });
}
