#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What `warren status` makes of the answers of all agents. Pure; the bodies may be anything.
namespace warren::agent {

// A peer as GET /v1/peers lists it.
struct listed_node {
  std::string node;
  std::string pod;
  std::string ready;  // "yes", "no" or "-"
  std::vector<std::string> addresses;
};
// At most 64 of them: RabbitMQ clusters are smaller by far. Nothing if the body is no such list.
std::optional<std::vector<listed_node>> read_nodes(std::string_view peers_body);

// The node that a status is of; empty if it is no status.
std::string node_of_status(std::string_view body);

struct node_answer {
  listed_node who;
  std::string body;   // of its GET /v1/status
  std::string error;  // why there is none; empty if there is
};

enum class status_output { table, json };

// A row for each node, and one for each member that has no pod; below them what is wrong.
// Characters that would steer a terminal are replaced.
std::string show_status(const std::vector<node_answer>& nodes, status_output output);

}  // namespace warren::agent
