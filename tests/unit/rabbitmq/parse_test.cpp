#include "rabbitmq/parse.hpp"

#include "rabbitmq/errc.hpp"
#include "tests/support/catch.hpp"

using namespace warren;
using etf::atom;
using etf::list_of;
using etf::tuple_of;
using rabbitmq::boot_state;

namespace {

const etf::term node = atom("rabbit@rmq-0");
const etf::term nothing = etf::list{};

etf::term listener(std::string_view protocol, etf::term ip, int port) {
  return tuple_of(atom("listener"), node, atom(protocol), etf::charlist("rmq-0"), std::move(ip),
                  port, nothing);
}

}  // namespace

TEST_CASE("every boot state has its value, and another atom is no state") {
  CHECK(*rabbitmq::parse_boot_state(atom("stopped")) == boot_state::stopped);
  CHECK(*rabbitmq::parse_boot_state(atom("booting")) == boot_state::booting);
  CHECK(*rabbitmq::parse_boot_state(atom("core_started")) == boot_state::core_started);
  CHECK(*rabbitmq::parse_boot_state(atom("ready")) == boot_state::ready);
  CHECK(*rabbitmq::parse_boot_state(atom("stopping")) == boot_state::stopping);
  const auto other = rabbitmq::parse_boot_state(atom("dreaming"));
  REQUIRE(other.has_error());
  CHECK(other.error().code == rabbitmq::errc::unexpected_answer);
  CHECK(other.error().text().find("dreaming") != std::string::npos);
}

TEST_CASE("is_running stands for the boot state of old versions") {
  CHECK(*rabbitmq::parse_is_running(true) == boot_state::ready);
  CHECK(*rabbitmq::parse_is_running(false) == boot_state::stopped);
  CHECK(rabbitmq::parse_is_running(7).has_error());
}

TEST_CASE("a node is paused while rabbit_outside_app_process is there") {
  CHECK(*rabbitmq::parse_paused(etf::pid{atom("rabbit@rmq-0"), 1, 0, 5}));
  CHECK_FALSE(*rabbitmq::parse_paused(atom("undefined")));
  CHECK(rabbitmq::parse_paused(nothing).has_error());
}

TEST_CASE("maintenance status is regular or draining") {
  CHECK(*rabbitmq::parse_draining(atom("draining")));
  CHECK_FALSE(*rabbitmq::parse_draining(atom("regular")));
  CHECK(rabbitmq::parse_draining(1).has_error());
}

TEST_CASE("alarms of all forms that 3.8 to 4.3 answer") {
  const etf::term limit = tuple_of(atom("resource_limit"), atom("memory"), node);
  const etf::term disk = tuple_of(atom("resource_limit"), atom("disk"), node);
  const auto memory = std::vector<std::string>{"memory"};
  CHECK(rabbitmq::parse_alarms(nothing)->empty());
  CHECK(*rabbitmq::parse_alarms(list_of(tuple_of(limit, nothing))) == memory);
  CHECK(*rabbitmq::parse_alarms(list_of(limit)) == memory);
  CHECK(*rabbitmq::parse_alarms(list_of(atom("file_descriptor_limit"))) ==
        std::vector<std::string>{"file_descriptor_limit"});
  const etf::term all = list_of(tuple_of(limit, nothing), tuple_of(disk, nothing),
                                tuple_of(atom("file_descriptor_limit"), nothing), limit);
  CHECK(*rabbitmq::parse_alarms(all) ==
        std::vector<std::string>{"disk", "file_descriptor_limit", "memory"});
}

TEST_CASE("what is no list of alarms is not taken for no alarm") {
  CHECK(rabbitmq::parse_alarms(atom("badrpc")).has_error());
  CHECK(rabbitmq::parse_alarms(list_of(42)).has_error());
  CHECK(rabbitmq::parse_alarms(list_of(tuple_of(tuple_of(1, 2), nothing))).has_error());
  CHECK(rabbitmq::parse_alarms(list_of(tuple_of(atom("resource_limit"), 1, node))).has_error());
}

TEST_CASE("listeners of both families, sorted by port") {
  const etf::term any6 = tuple_of(0, 0, 0, 0, 0, 0, 0, 0);
  const etf::term local = tuple_of(127, 0, 0, 1);
  const auto found = rabbitmq::parse_listeners(
      list_of(listener("clustering", any6, 25672), listener("amqp", local, 5672)));
  REQUIRE(found.has_value());
  const std::vector<rabbitmq::listener> expected{{"amqp", "127.0.0.1", 5672},
                                                 {"clustering", "::", 25672}};
  CHECK((found.value() == expected));
}

TEST_CASE("a listener without a TCP port is left out, another term is an error") {
  const etf::term path = tuple_of(atom("local"), etf::binary("/run/x"));
  CHECK(rabbitmq::parse_listeners(list_of(listener("amqp", path, 0)))->empty());
  CHECK(
      rabbitmq::parse_listeners(list_of(listener("amqp", tuple_of(1, 2, 3, 400), 5672)))->empty());
  CHECK(rabbitmq::parse_listeners(atom("undefined")).has_error());
  CHECK(rabbitmq::parse_listeners(list_of(tuple_of(atom("listener"), 1))).has_error());
}

TEST_CASE("node lists are sorted, and versions are text") {
  CHECK(*rabbitmq::parse_nodes(list_of(atom("rabbit@b"), atom("rabbit@a"))) ==
        std::vector<std::string>{"rabbit@a", "rabbit@b"});
  CHECK(rabbitmq::parse_nodes(list_of(1)).has_error());
  CHECK(*rabbitmq::parse_version(etf::charlist("4.3.6")) == "4.3.6");
  CHECK(rabbitmq::parse_version(nothing).has_error());
}
