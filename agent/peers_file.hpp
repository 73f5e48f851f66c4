#pragma once

#include "agent/domain/peers.hpp"
#include "base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace warren::agent {

// A line of every file that an agent writes for a broker begins with this, so that the next agent
// does not take it for what the user says.
constexpr std::string_view written_by_warren = "# Written by Warren";
bool is_written_by_warren(std::string_view conf);

enum class peers_format { rabbitmq, plain, json };

// What goes into the peer file, or nothing if there is nothing right to write: then the file stays
// as it is. Peers that are going away are left out of `rabbitmq` and `plain`.
//   rabbitmq  classic_config lines for conf.d
//   plain     one host a line
//   json      the list of GET /v1/peers
// Without a peer there is nothing right: a broker that reads an empty list founds a cluster of its
// own.
std::optional<std::string> format_peers(const domain::peer_list& list, peers_format format);

// The whole body of GET /v1/peers. `observed_at` is when the list was last confirmed, `error` why
// the latest look for peers failed (empty if it did not).
std::string peers_body(const domain::peer_list& list, std::string_view service,
                       std::string_view source, std::optional<base::wall_time> observed_at,
                       std::string_view error = {});

}  // namespace warren::agent
