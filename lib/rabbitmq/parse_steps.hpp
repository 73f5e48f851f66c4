#pragma once

#include "base/result.hpp"
#include "etf/term.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// What the steps of forgetting a member and of joining a cluster answer, on 3.8 to 4.3. Each parser
// fails with unexpected_answer, quoting the answer. Total.
namespace warren::rabbitmq {

// A queue, and what a step has done to it.
struct queue_outcome {
  enum class kind {
    done,       // nothing counts on the replica any more
    unnoted,    // only the queue's record does, up to 3.13: Raft has taken it off after a timeout
    last_one,   // it was the only replica: the queue's messages are gone with the node
    no_quorum,  // the queue has no leader, or too few replicas up
    failed,
  };
  std::string name;  // "'q' in '/'"
  kind what = kind::done;
  std::string reason;  // the broker's; empty if done
  etf::term id;        // as the broker names the queue, for calls; not of parse_stream_reply
  friend bool operator==(const queue_outcome&, const queue_outcome&) = default;
};

// [{QueueName, {ok, Replicas}} | {QueueName, {error, Replicas, Reason}}] of
// rabbit_quorum_queue:shrink_all/1, [{QueueName, ok} | {QueueName, {error, Reason}}] of
// rabbit_stream_queue:delete_all_replicas/1. A queue that 4.3 gave up on (15 s, or a crash) is not
// in it.
base::result<std::vector<queue_outcome>> parse_queue_outcomes(const etf::term& answer);

// Names of queues ({resource, VirtualHost, queue, Name}) out of ets:select/3: {Names, Continuation}
// or '$end_of_table'.
base::result<std::vector<std::string>> parse_selected_queues(const etf::term& answer);

// What ra:remove_member/3 says of taking a node out of a Raft group, see raft.hpp.
enum class raft_change {
  committed,  // the node is no member, and a majority knows it
  pending,    // appended, by this call or an earlier one
  no_leader,  // nobody answers who could tell
  no_group,   // there is no such group on the nodes that were asked
};

// {ok, _, Leader} | {error, {no_more_servers_to_try, [{error, Reason}]}} | {error, Reason} |
// {timeout, Server}, of ra 2.0 (3.10) to 3.1 (4.3).
base::result<raft_change> parse_raft_change(const etf::term& answer);

// The quorum queues that raft.cpp asks the table of queues for: {[{Name, Process, Nodes}],
// Continuation} or '$end_of_table'. Nodes are a list, in 4.3 also a map by node.
struct quorum_queue {
  std::string name;     // "'q' in '/'"
  std::string process;  // "%2F_q"
  std::vector<std::string> nodes;
  friend bool operator==(const quorum_queue&, const quorum_queue&) = default;
};
base::result<std::vector<quorum_queue>> parse_quorum_queues(const etf::term& answer);

// Streams likewise: {[{Name, Id}], Continuation}.
struct stream {
  std::string name;  // "'s' in '/'"
  std::string id;    // "__s_1795500517908930198"
  friend bool operator==(const stream&, const stream&) = default;
};
base::result<std::vector<stream>> parse_streams(const etf::term& answer);
// {ok, ok | {error, Reason}, Leader} | {error, Reason} of
// rabbit_stream_coordinator:delete_replica/2.
base::result<queue_outcome> parse_stream_reply(const std::string& name, const etf::term& answer);

enum class step_kind {
  done,
  not_member,  // there is nothing to be done
  running,     // the node to be forgotten runs
  refused,     // the cluster lists the node that would join; nothing has been changed
  no_quorum,
  failed,
};
struct step_outcome {
  step_kind what = step_kind::done;
  std::string reason;  // the broker's words; empty if done
  friend bool operator==(const step_outcome&, const step_outcome&) = default;
};

// ok | {ok, already_member} | {error, Reason} | {timeout, Server}: every step that is about nodes.
// What the function throws comes as it is.
base::result<step_outcome> parse_step(const etf::term& answer);

}  // namespace warren::rabbitmq
