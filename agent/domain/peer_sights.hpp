#pragma once

#include "agent/domain/formation.hpp"
#include "agent/domain/peers.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace warren::domain {

// What was seen of one other peer. Each observation is as old as the question, not as the answer:
// "seen since the lock was taken" must not be true of what was asked before.
struct peer_sight {
  std::string pod_uid;                 // empty where the peer source knows no uids
  std::vector<std::string> addresses;  // where it is looked at
  base::observed<agent_facts> agent;
  base::observed<broker_facts> broker;
};

using peer_sights = std::map<std::string, peer_sight>;  // by node

// Makes `sights` those of the peers in `list` but `self`. Another pod uid or other addresses are
// another pod under the same name: nothing that was seen of the old one holds.
void match(peer_sights& sights, const peer_list& list, std::string_view self);

// The sight of that very pod; null if the list has another one under this name by now, or none.
peer_sight* sight_of(peer_sights& sights, const peer& who);

// The node as formation sees it: without a pod uid if it is not among the peers. Its claim is the
// caller's to say.
formation_member member_of(const std::string& node, const peer_sights& sights);

}  // namespace warren::domain
