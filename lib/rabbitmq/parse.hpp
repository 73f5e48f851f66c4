#pragma once

#include "base/result.hpp"
#include "etf/term.hpp"
#include "rabbitmq/values.hpp"

#include <string>
#include <vector>

namespace warren::rabbitmq {

// Each turns the answer of one function into a value, or fails with errc::unexpected_answer and the
// answer's beginning in the detail. Total: any term gives one or the other.

// rabbit_boot_state:get/0: an atom.
base::result<boot_state> parse_boot_state(const etf::term& answer);
// rabbit:is_running/0, as the boot state of versions that have no rabbit_boot_state.
base::result<boot_state> parse_is_running(const etf::term& answer);
// erlang:whereis/1 of rabbit_outside_app_process: a pid while the node is paused.
base::result<bool> parse_paused(const etf::term& answer);
// rabbit_maintenance:status_local_read/1: regular or draining.
base::result<bool> parse_draining(const etf::term& answer);
// rabbit_alarm:get_local_alarms/1: the resources ("memory", "disk", "file_descriptor_limit"),
// sorted. Takes all the forms that 3.8 to 4.3 have: `Atom`, `{Atom, []}`,
// `{resource_limit, Resource, Node}`, `{{resource_limit, Resource, Node}, []}`.
base::result<std::vector<std::string>> parse_alarms(const etf::term& answer);
// rabbit_networking:node_listeners/1: a list of
// `{listener, Node, Protocol, Host, IP, Port, Options}`, sorted by port. One without a port (a
// local socket) is left out.
base::result<std::vector<listener>> parse_listeners(const etf::term& answer);
// A list of node names, sorted.
base::result<std::vector<std::string>> parse_nodes(const etf::term& answer);
// rabbit_misc:version/0: a string.
base::result<std::string> parse_version(const etf::term& answer);

}  // namespace warren::rabbitmq
