#pragma once

#include "async/awaitable.hpp"
#include "base/result.hpp"
#include "erldist/connection.hpp"
#include "rabbitmq/values.hpp"

#include <string>
#include <vector>

namespace warren::rabbitmq {

// What changes often and must be seen soon. Each part has its own error: with the application
// stopped the alarms cannot be asked (no_process), and that is not a failure of the node.
struct pulse {
  base::result<boot_state> boot;
  base::result<bool> paused;
  base::result<bool> draining;
  base::result<std::vector<std::string>> alarms;  // local resources
};

// The typed calls to the node at the other end of a connection. Each ends by its deadline, and
// fails with an errc of erldist or of this library. Which of a version's functions exist is found
// out by the first call and remembered as long as this object, that is, for one incarnation of the
// node. The connection must outlive it.
class broker {
 public:
  explicit broker(erldist::connection& link);

  // All parts in one write and, mostly, one read.
  async::awaitable<pulse> look(base::time_point deadline);
  async::awaitable<base::result<std::vector<listener>>> listeners(base::time_point deadline);
  async::awaitable<base::result<membership>> cluster(base::time_point deadline);
  async::awaitable<base::result<std::string>> version(base::time_point deadline);

 private:
  enum class has { perhaps, no };

  async::awaitable<base::result<std::vector<std::string>>> nodes(erldist::function_call call,
                                                                 base::time_point deadline);

  erldist::connection& link_;
  etf::term node_;
  has boot_state_ = has::perhaps;   // rabbit_boot_state:get/0; else rabbit:is_running/0
  has maintenance_ = has::perhaps;  // rabbit_maintenance: from 3.8.9 on
  has list_members_ =
      has::perhaps;                // rabbit_nodes:list_members/0: from 3.12 on; else rabbit_mnesia
  has partitions_ = has::perhaps;  // rabbit_node_monitor:partitions/0: up to 4.2
};

}  // namespace warren::rabbitmq
