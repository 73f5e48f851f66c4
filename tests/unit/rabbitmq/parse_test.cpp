#include "rabbitmq/parse.hpp"

#include "rabbitmq/errc.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace warren;
using namespace warren::rabbitmq;
using etf::atom;
using etf::list_of;
using etf::tuple_of;

namespace {

const etf::pid some_pid{atom("rabbit@a"), 77, 0, 1};

template <class T>
bool is_unexpected(const base::result<T>& r) {
  return r.has_error() && r.error().code == errc::unexpected_answer;
}

etf::term limit(const char* resource, const char* node) {
  return tuple_of(atom("resource_limit"), atom(resource), atom(node));
}

}  // namespace

TEST_CASE("a version comes as a list of characters", "[rabbitmq]") {
  CHECK(parse_version(etf::charlist("4.3.6")).value() == "4.3.6");
  CHECK(parse_version(etf::charlist("3.8.0+rc.1")).value() == "3.8.0+rc.1");
  CHECK(is_unexpected(parse_version(etf::list{})));
  CHECK(is_unexpected(parse_version(etf::charlist("4.3\n6"))));
  CHECK(is_unexpected(parse_version(etf::charlist(std::string(65, '4')))));
  CHECK(is_unexpected(parse_version(atom("undefined"))));
}

TEST_CASE("every boot state is known", "[rabbitmq]") {
  CHECK(parse_boot_state(atom("stopped")).value() == boot_state::stopped);
  CHECK(parse_boot_state(atom("booting")).value() == boot_state::booting);
  CHECK(parse_boot_state(atom("core_started")).value() == boot_state::core_started);
  CHECK(parse_boot_state(atom("ready")).value() == boot_state::ready);
  CHECK(parse_boot_state(atom("stopping")).value() == boot_state::stopping);
  CHECK(parse_boot_state(true).value() == boot_state::ready);
  CHECK(parse_boot_state(false).value() == boot_state::stopped);
  CHECK(is_unexpected(parse_boot_state(atom("dreaming"))));
  CHECK(parse_boot_state(atom("dreaming")).error().text().find("dreaming") != std::string::npos);
  CHECK(is_unexpected(parse_boot_state(3)));
}

TEST_CASE("a broker is paused while the process outside it lives", "[rabbitmq]") {
  CHECK(parse_paused(some_pid).value());
  CHECK_FALSE(parse_paused(atom("undefined")).value());
  CHECK(is_unexpected(parse_paused(atom("rabbit"))));
}

TEST_CASE("a broker drains or does not", "[rabbitmq]") {
  CHECK(parse_draining(atom("draining")).value());
  CHECK_FALSE(parse_draining(atom("regular")).value());
  CHECK_FALSE(parse_draining(atom("undefined")).value());
  CHECK(is_unexpected(parse_draining(true)));
}

TEST_CASE("alarms are understood in every form", "[rabbitmq]") {
  const auto alarms = [](const etf::term& answer) {
    std::string names;
    for (const auto& r : parse_alarms(answer, "rabbit@a").value()) names += r + " ";
    return names;
  };
  CHECK(alarms(etf::list{}).empty());
  // get_local_alarms/1 of 3.10 to 4.3
  CHECK(alarms(list_of(tuple_of(limit("memory", "rabbit@a"), etf::list{}),
                       tuple_of(atom("file_descriptor_limit"), etf::list{}))) ==
        "file_descriptor_limit memory ");
  // rabbit:alarms/0
  CHECK(alarms(list_of(limit("disk", "rabbit@a"))) == "disk ");
  CHECK(alarms(list_of(atom("file_descriptor_limit"))) == "file_descriptor_limit ");
  // get_alarms/0 tells those of other nodes too
  CHECK(alarms(list_of(tuple_of(limit("disk", "rabbit@b"), etf::list{}),
                       tuple_of(limit("memory", "rabbit@a"), etf::list{}))) == "memory ");
  CHECK(alarms(list_of(limit("disk", "rabbit@a"),
                       tuple_of(limit("disk", "rabbit@a"), etf::list{}))) == "disk ");
  const auto volume = tuple_of(atom("disk"), etf::binary("queues"));
  CHECK(alarms(list_of(tuple_of(atom("resource_limit"), volume, atom("rabbit@a")))) ==
        "{disk,<<\"queues\">>} ");
}

TEST_CASE("alarms in an unknown form are no empty list", "[rabbitmq]") {
  const etf::term answer =
      GENERATE(etf::term(atom("undefined")), list_of(3), list_of(tuple_of(1, 2)),
               list_of(tuple_of(tuple_of(1, 2), etf::list{})),
               list_of(tuple_of(atom("resource_limit"), 1, 2, 3)));
  CHECK(is_unexpected(parse_alarms(answer, "rabbit@a")));
}

TEST_CASE("listeners have a protocol, an address and a port", "[rabbitmq]") {
  const auto made = [](const char* protocol, etf::term ip, etf::term port) {
    return tuple_of(atom("listener"), atom("rabbit@a"), atom(protocol), etf::charlist("a"),
                    std::move(ip), std::move(port), etf::list{});
  };
  const auto listeners =
      parse_listeners(list_of(made("http", tuple_of(0, 0, 0, 0), 15672),
                              made("clustering", tuple_of(0, 0, 0, 0, 0, 0, 0, 0), 25672),
                              made("amqp", tuple_of(0xFE80, 0, 0, 0, 0, 0, 0, 1), 5672),
                              made("amqp/ssl", tuple_of(127, 0, 0, 1), 5671),
                              made("local", tuple_of(atom("local"), etf::charlist("/s")), 0)));
  REQUIRE(listeners.has_value());
  const std::vector<listener> expected{{"amqp/ssl", "127.0.0.1", 5671},
                                       {"amqp", "fe80::1", 5672},
                                       {"http", "0.0.0.0", 15672},
                                       {"clustering", "::", 25672}};
  CHECK(*listeners == expected);
  CHECK(parse_listeners(list_of(made("amqp", tuple_of(1, 2, 3, 400), 5672)))->empty());
  CHECK(parse_listeners(list_of(made("amqp", tuple_of(0, 0, 0, 0), 65536)))->empty());
  CHECK(is_unexpected(parse_listeners(list_of(made("amqp", tuple_of(0, 0, 0, 0), atom("x"))))));
  CHECK(is_unexpected(parse_listeners(list_of(tuple_of(atom("listener"), 1)))));
  CHECK(is_unexpected(parse_listeners(atom("undefined"))));
}

TEST_CASE("nodes are a sorted list of names", "[rabbitmq]") {
  const std::vector<std::string> expected{"rabbit@a", "rabbit@b"};
  CHECK(parse_nodes(list_of(atom("rabbit@b"), atom("rabbit@a"))).value() == expected);
  CHECK(parse_nodes(etf::list{}).value().empty());
  CHECK(is_unexpected(parse_nodes(list_of(etf::charlist("rabbit@a")))));
  CHECK(is_unexpected(parse_nodes(atom("rabbit@a"))));
}
