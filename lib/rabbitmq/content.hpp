#pragma once

#include "rabbitmq/values.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace warren::rabbitmq {

// What a running node holds.
struct node_content {
  std::string node;
  std::vector<std::string> members;  // of its cluster
  std::string default_user;
  std::string default_vhost;
  std::vector<std::string> users;
  std::vector<std::string> vhosts;
  std::vector<std::string> own_exchanges;
  std::size_t queues = 0;
  std::size_t policies = 0;
  std::size_t parameters = 0;
};

// A first boot leaves one user, one virtual host and the predeclared exchanges. Whoever imports
// definitions at boot has more on every node.
own_content judge(const node_content& content);

}  // namespace warren::rabbitmq
