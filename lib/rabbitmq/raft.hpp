#pragma once

#include "async/awaitable.hpp"
#include "base/result.hpp"
#include "erldist/connection.hpp"
#include "rabbitmq/parse_steps.hpp"
#include "rabbitmq/queue_list.hpp"
#include "rabbitmq/values.hpp"

#include <set>
#include <string>
#include <vector>

// Changes of the members of Raft groups (quorum queues, the stream coordinator, Khepri). Ra answers
// `ok` to a change when its leader has appended it, with no other member up (seen on 3.10.8, 4.0.5
// and 4.3.6); a leader that then dies takes the change with it. Only one change at a time is
// allowed, so asking again for a change that is made tells whether it is committed: not_member if
// it is, cluster_change_not_permitted while it is not.
namespace warren::rabbitmq {

// One Raft group: its process has the same name on each node.
struct raft_group {
  std::string process;
  std::vector<std::string> nodes;
};

// Takes `node` out of the group if it is in it, by asking its other members, until that is
// committed or nobody leads the group.
async::awaitable<base::result<raft_change>> leave_group_for_good(erldist::connection& link,
                                                                 const raft_group& group,
                                                                 const std::string& node,
                                                                 base::time_point deadline);

// The quorum queues of the cluster, among the first 10,000, that may come back with `node` as a
// member: a change is not committed, or the queue is one of `changed` and has no leader. Those with
// one replica have no such state.
async::awaitable<base::result<queue_list>> uncommitted_queues(erldist::connection& link,
                                                              metadata_store store,
                                                              const std::string& node,
                                                              const std::set<std::string>& changed,
                                                              base::time_point deadline);

}  // namespace warren::rabbitmq
