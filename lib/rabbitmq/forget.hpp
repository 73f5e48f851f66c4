#pragma once

#include "async/awaitable.hpp"
#include "base/result.hpp"
#include "erldist/connection.hpp"
#include "rabbitmq/queue_list.hpp"

#include <functional>
#include <optional>
#include <string>

namespace warren::rabbitmq {

struct forget_report {
  bool complete = false;  // nothing in the cluster counts on the lost node any more
  bool was_member = false;
  bool is_member = true;  // still, as far as is known
  queue_list lost;        // gone with the node: classic queues, and what had its only replica there
  queue_list shrunk;      // quorum queues that no longer count on its replica, one short now
  queue_list streams;     // streams likewise
  queue_list failed;      // those that still count on it, with the reason
  std::optional<base::failure> problem;  // the first that went wrong; none if complete
};

// Makes the cluster that the node at the other end of `link` runs in forget the member `lost`,
// which must be down, or its broker stopped: what `rabbitmqctl forget_cluster_node` does. On every
// version in the order of 4.3: replicas of quorum queues and streams first, the member last, so
// that it stays listed until nothing counts on it; then all of it is looked at once more. May be
// called again after any end, through another member too: what is done already counts as done.
//
// Takes about a second. `ok` of the broker is not believed: with no other member up it answers so
// to a change that nobody else knows of (raft.hpp), and 4.3 leaves a queue out of its answer when
// it gives up on it after 15 s. Without a majority a step waits up to a minute (streams of 4.3).
// The report says how far it has come. Its problem is
//   still_running  the member runs or boots,
//   no_majority    the cluster or a queue has too few members up,
//   replicas_left  some queues still count on the node (`failed`), so it is still a member,
//   not_running    this end of the link does not run,
//   stopped        `may_go_on`, which is asked before each change, said no: the lock was lost,
//   forget_failed, or the code of the call that failed.
async::awaitable<forget_report> forget(erldist::connection& link, std::string lost,
                                       base::time_point deadline, std::function<bool()> may_go_on);

}  // namespace warren::rabbitmq
