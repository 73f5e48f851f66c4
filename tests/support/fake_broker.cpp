#include "tests/support/fake_broker.hpp"

#include <string>

namespace warren::testing {

using etf::atom;
using etf::list_of;
using etf::tuple_of;

etf::term listener_term(std::string_view node, std::string_view protocol, std::uint16_t port) {
  return tuple_of(atom("listener"), atom(node), atom(protocol), etf::charlist("fake"),
                  tuple_of(0, 0, 0, 0, 0, 0, 0, 0), static_cast<int>(port), etf::list{});
}

etf::term alarm_term(std::string_view node, std::string_view resource) {
  const etf::term limit = tuple_of(atom("resource_limit"), atom(resource), atom(node));
  return list_of(tuple_of(limit, etf::list{}));
}

void run_broker(fake_erlang_node& node, std::uint16_t listener_port) {
  const std::string name = node.settings().name;
  node.answer("rabbit_misc:version", etf::charlist("4.3.6"));
  node.answer("rabbit_boot_state:get", atom("ready"));
  node.answer("erlang:whereis", atom("undefined"));
  node.answer("rabbit_maintenance:status_local_read", atom("regular"));
  node.answer("rabbit_alarm:get_local_alarms", etf::list{});
  node.answer("rabbit_networking:node_listeners",
              list_of(listener_term(name, "amqp", listener_port)));
  node.answer("rabbit_nodes:list_members", list_of(atom(name)));
  node.answer("rabbit_nodes:list_reachable", list_of(atom(name)));
  node.answer("rabbit_runtime_parameters:value_global", etf::binary(std::string(cluster_of_one)));
  node.answer("rabbit_feature_flags:is_enabled", atom("true"));
}

void stop_app(fake_erlang_node& node) {
  node.answer("rabbit_boot_state:get", atom("stopped"));
  node.fail("rabbit_alarm:get_local_alarms",
            tuple_of(atom("EXIT"), tuple_of(atom("noproc"), etf::list{})));
}

}  // namespace warren::testing
