#pragma once

#include "etf/term.hpp"
#include "tests/support/fake_erlang_node.hpp"

#include <string>
#include <vector>

namespace warren::testing {

inline const char* const lost_member = "rabbit@lost";

// What a cluster of three knows after the disk of one is lost: the survivors' tables and Raft
// groups, as the member that is asked answers from them.
struct cluster_with_a_lost_member {
  std::vector<std::string> members{lost_member, "rabbit@b", "rabbit@fake"};
  std::vector<std::string> running{"rabbit@b", "rabbit@fake"};
  std::string lost_boot = "ready";       // its broker's, if it answers
  std::string classic = "cq";            // lives on the lost node; "" for none
  std::string quorum = "qq";             // has a replica there
  std::string stream = "st";             // likewise
  etf::term shrink_error;                // of the quorum queue, unless []
  int pending = 0;                       // so often a Raft change is told to be uncommitted
  std::string pending_group = "%2F_qq";  // of this group
  std::string leads;                     // a stream whose record names the lost node as leader
  bool silent = false;                   // 4.3 gives up on it without a word
  bool answers_ping = false;
};

// Makes the node answer from `c`, which must outlive it, as brokers of that version do.
void be_4_3(fake_erlang_node& node, cluster_with_a_lost_member& c);
void be_3_10(fake_erlang_node& node, cluster_with_a_lost_member& c);

}  // namespace warren::testing
