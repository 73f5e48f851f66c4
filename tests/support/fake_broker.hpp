#pragma once

#include "etf/term.hpp"
#include "tests/support/fake_erlang_node.hpp"

#include <cstdint>
#include <string_view>

namespace warren::testing {

constexpr std::string_view cluster_of_one = "rabbitmq-cluster-id-one";

// Makes the node answer as a running broker of 4.3 alone in its cluster does, with one listener.
void run_broker(fake_erlang_node& node, std::uint16_t listener_port = 5672);

// {listener, Node, Protocol, Host, IP, Port, Options}, on every address.
etf::term listener_term(std::string_view node, std::string_view protocol, std::uint16_t port);

// [{{resource_limit, Resource, Node}, []}]
etf::term alarm_term(std::string_view node, std::string_view resource);

// {badrpc, {'EXIT', {noproc, ...}}}, as the alarm table's owner answers while the broker is
// stopped.
void stop_app(fake_erlang_node& node);

}  // namespace warren::testing
