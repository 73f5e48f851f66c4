#pragma once

#include <string>

namespace warren::simulation {

struct world;

// Why a run need not end as one cluster, by what really is, not by what the agents believe: one of
// a short list of legitimate stalemates that only a person can end. Empty if there is none.
//   quorum lost         no majority of a cluster's members has its data and a pod
//   last one lost       Mnesia: the disk of the member that stopped last is lost
//   ordered             OrderedReady: a closed gate waits for pods that come only after its own
//   founder scaled away the node that was to found is not wanted any more, and its claim is there
//   scaled away         claims of pods that are not wanted any more may hold data
//   founder lost        its disk was lost, and doors that lead to it are open, or it has left
//   alone without an agent   a broker that runs alone and has no Warren may be a cluster, or not
std::string stalemate_of(world& w);

}  // namespace warren::simulation
