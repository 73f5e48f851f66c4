#pragma once

#include "async/awaitable.hpp"
#include "base/result.hpp"
#include "erldist/connection.hpp"

#include <functional>
#include <string>

namespace warren::rabbitmq {

// Makes the node at the other end of `link` a member of the cluster of `target`, a node that runs:
// the broker (not the Erlang VM) is stopped, joins, which throws away what the node holds, and is
// started again. Ends with success once the broker is ready as a member, 2 to 5 s after its boot;
// at once if it is so already. Waits for a broker that boots.
//
// May be called again after any end, its caller's included: it goes on from what it finds. A node
// whose broker is stopped and that the target's cluster does not list joins without being asked
// what it holds: only a caller who knows that this node has never been a member may call this.
//
// Fails, with the broker's own words in the detail, with
//   holds_data    it holds queues, or belongs to another cluster; nothing has been changed,
//   join_refused  the target does not run or does not answer the node, or its cluster lists the
//                 node already and keeps its members in Mnesia: it must forget() it first; nothing
//                 has been changed,
//   join_failed, stop_failed, start_failed   the broker may be left stopped: call this again,
//   stopped       `may_go_on`, which is asked before the join, said no; nothing has been changed,
//   not_running   the broker still boots at the deadline, or as the call that failed.
async::awaitable<base::result<void>> join_by_calls(erldist::connection& link, std::string target,
                                                   base::time_point deadline,
                                                   std::function<bool()> may_go_on);

// Stops the broker of a node that runs alone and holds only a first boot, so that a cluster which
// lists it, though it never became a member, can forget() it. Success at once if it is stopped.
// Fails as join_by_calls() does.
async::awaitable<base::result<void>> stop_to_be_forgotten(erldist::connection& link,
                                                          base::time_point deadline);

}  // namespace warren::rabbitmq
