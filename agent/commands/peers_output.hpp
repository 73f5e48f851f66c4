#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace warren::agent {

enum class peers_output { table, json, plain };

// What `warren peers` prints for the body of GET /v1/peers: a table with a line for each peer, one
// node name a line, or the body itself. Nothing if the body is not such an answer. Characters that
// would steer a terminal are replaced.
std::optional<std::string> show_peers(std::string_view body, peers_output output);

}  // namespace warren::agent
