#include "rabbitmq/parse_formation.hpp"

#include "rabbitmq/content.hpp"
#include "rabbitmq/errc.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace warren;
using namespace warren::rabbitmq;
using etf::atom;
using etf::binary;
using etf::list_of;
using etf::tuple_of;

namespace {

template <class T>
bool is_unexpected(const base::result<T>& r) {
  return r.has_error() && r.error().code == errc::unexpected_answer;
}

const base::result<bool> no_answer = base::failure(errc::unexpected_answer);

etf::term user(const char* name) {
  return list_of(tuple_of(atom("user"), binary(name)),
                 tuple_of(atom("tags"), list_of(atom("administrator"))));
}

etf::term exchange(const char* name) {
  return tuple_of(atom("resource"), binary("/"), atom("exchange"), binary(name));
}

node_content first_boot() {
  node_content c;
  c.node = "rabbit@a";
  c.members = {"rabbit@a"};
  c.default_user = "guest";
  c.default_vhost = "/";
  c.users = {"guest"};
  c.vhosts = {"/"};
  return c;
}

}  // namespace

TEST_CASE("a cluster without an id has none yet", "[rabbitmq]") {
  CHECK(parse_cluster_id(binary("rabbitmq-cluster-id-r3qd5QFIa1")).value() ==
        "rabbitmq-cluster-id-r3qd5QFIa1");
  CHECK(parse_cluster_id(atom("not_found")).value().empty());
  CHECK(is_unexpected(parse_cluster_id(binary(""))));
  CHECK(is_unexpected(parse_cluster_id(binary(std::string(256, 'x')))));
  CHECK(is_unexpected(parse_cluster_id(7)));
}

TEST_CASE("a data folder comes bare or as a setting", "[rabbitmq]") {
  const std::string folder = "/var/lib/rabbitmq/mnesia/rabbit@rmq-0";
  CHECK(parse_folder(etf::charlist(folder)).value() == folder);
  CHECK(parse_folder(tuple_of(atom("ok"), etf::charlist(folder))).value() == folder);
  CHECK(is_unexpected(parse_folder(atom("undefined"))));
  CHECK(is_unexpected(parse_folder(etf::charlist("Mnesia.rabbit@rmq-0"))));
  CHECK(is_unexpected(parse_folder(etf::list{})));
}

TEST_CASE("settings, users, virtual hosts and exchanges are read by name", "[rabbitmq]") {
  CHECK(parse_setting(tuple_of(atom("ok"), binary("guest"))).value() == "guest");
  CHECK(is_unexpected(parse_setting(atom("undefined"))));
  const std::vector<std::string> users{"guest", "eve"};
  CHECK(parse_users(list_of(user("guest"), user("eve"))).value() == users);
  CHECK(parse_users(etf::list{}).value().empty());
  CHECK(is_unexpected(parse_users(list_of(etf::list{}))));
  CHECK(is_unexpected(parse_users(list_of(atom("guest")))));
  const std::vector<std::string> vhosts{"/", "two"};
  CHECK(parse_vhosts(list_of(binary("/"), binary("two"))).value() == vhosts);
  CHECK(is_unexpected(parse_vhosts(tuple_of(atom("error"), atom("timeout")))));
  const std::vector<std::string> own{"mine"};
  CHECK(
      parse_own_exchanges(list_of(exchange(""), exchange("amq.topic"), exchange("mine"))).value() ==
      own);
  CHECK(is_unexpected(parse_own_exchanges(list_of(binary("mine")))));
}

TEST_CASE("a broker may be started or stopped only in a VM that neither starts nor stops",
          "[rabbitmq]") {
  const auto status = [](const char* name) {
    return parse_vm_status(tuple_of(atom(name), atom("started"))).value();
  };
  CHECK(with_vm(boot_state::stopped, status("started")) == boot_state::stopped);
  CHECK(with_vm(boot_state::stopped, status("starting")) == boot_state::booting);
  CHECK(with_vm(boot_state::stopped, status("stopping")) == boot_state::stopping);
  CHECK(with_vm(boot_state::ready, status("starting")) == boot_state::core_started);
  CHECK(with_vm(boot_state::ready, status("started")) == boot_state::ready);
  CHECK(with_vm(boot_state::booting, status("starting")) == boot_state::booting);
  CHECK(is_unexpected(parse_vm_status(atom("started"))));
}

TEST_CASE("a table that does not exist has no size", "[rabbitmq]") {
  CHECK(parse_table_size(3).value() == std::optional<std::int64_t>(3));
  CHECK(parse_table_size(atom("undefined")).value() == std::nullopt);
  CHECK(is_unexpected(parse_table_size(-1)));
  CHECK(is_unexpected(parse_table_size(etf::list{})));
}

TEST_CASE("the metadata store follows from the version, or from the flag in between",
          "[rabbitmq]") {
  CHECK(store_of("3.10.8", no_answer) == metadata_store::mnesia);
  CHECK(store_of("3.13.7", false) == metadata_store::mnesia);
  CHECK(store_of("4.0.5", false) == metadata_store::mnesia);
  CHECK(store_of("4.0.5", true) == metadata_store::khepri);
  CHECK(store_of("4.2.4", no_answer) == metadata_store::unknown);
  CHECK(store_of("4.3.0-rc.1", false) == metadata_store::khepri);
  CHECK(store_of("10.0", no_answer) == metadata_store::khepri);
  CHECK(store_of("", true) == metadata_store::unknown);
  CHECK(store_of("next", false) == metadata_store::unknown);
}

TEST_CASE("the start of the Erlang VM is a wall-clock time", "[rabbitmq]") {
  // As 4.3.6 gave them; rabbit_boot_state:get_start_time/0 said 1795499742900829 then.
  const auto began = time_of(-576460752000000000, 2371960494900829398, 1'000'000'000);
  REQUIRE(began);
  CHECK(std::chrono::duration_cast<std::chrono::microseconds>(began->time_since_epoch()).count() ==
        1795499742900829);
  const auto coarse = time_of(-5'000, 15'500, 1'000);
  REQUIRE(coarse);
  CHECK(coarse->time_since_epoch() == std::chrono::milliseconds(10'500));
  CHECK_FALSE(time_of(1, 1, 0));
  CHECK_FALSE(time_of(-2, 1, 1));
  CHECK_FALSE(time_of(INT64_MAX, 1, 1));
  CHECK_FALSE(time_of(INT64_MAX, 0, 1));
}

TEST_CASE("a node that holds what a first boot leaves has nothing of its own", "[rabbitmq]") {
  const own_content content = judge(first_boot());
  CHECK(content.first_boot_only);
  CHECK(content.found.empty());
}

TEST_CASE("whatever a node holds besides a first boot is found and named", "[rabbitmq]") {
  const auto found = [](auto change) {
    node_content c = first_boot();
    change(c);
    const own_content content = judge(c);
    CHECK_FALSE(content.first_boot_only);
    return content.found;
  };
  CHECK(found([](auto& c) { c.members.emplace_back("rabbit@b"); }) == "a cluster with rabbit@b");
  CHECK(found([](auto& c) { c.queues = 1; }) == "1 queue");
  CHECK(found([](auto& c) { c.queues = 2; }) == "2 queues");
  CHECK(found([](auto& c) { c.vhosts.emplace_back("two"); }) == "the virtual host 'two'");
  CHECK(found([](auto& c) { c.vhosts = {"two"}; }) == "the virtual host 'two'");
  CHECK(found([](auto& c) { c.users.emplace_back("eve"); }) == "the user 'eve'");
  CHECK(found([](auto& c) { c.own_exchanges = {"mine"}; }) == "the exchange 'mine'");
  CHECK(found([](auto& c) { c.policies = 1; }) == "1 policy");
  CHECK(found([](auto& c) { c.policies = 3; }) == "3 policies");
  CHECK(found([](auto& c) { c.parameters = 2; }) == "2 runtime parameters");
}
