#pragma once

#include "erldist/rpc.hpp"
#include "rabbitmq/values.hpp"

#include <cstddef>
#include <string>

// How a running member is asked which queues there are, and which depend on another node: by match
// specifications over its own table of queues, so that the answer is small however many queues
// there are.
namespace warren::rabbitmq {

enum class dependence {
  classic,  // classic queues that live there
  quorum,   // quorum queues with a replica there and elsewhere
  stream,   // streams likewise
  only,     // quorum queues and streams whose only replica is there
  leader,   // streams that are recorded as led from there, and have replicas elsewhere
};

// ets:select_count/2: how many.
erldist::function_call count_dependent(dependence what, metadata_store store,
                                       const std::string& node);
// ets:select/3: the names of at most `most` of them, for parse_selected_queues().
erldist::function_call name_dependent(dependence what, metadata_store store,
                                      const std::string& node, std::size_t most);

// ets:select/3: at most `most` quorum queues, for parse_quorum_queues().
erldist::function_call list_quorum_queues(metadata_store store, std::size_t most);

// ets:select/3: at most `most` streams with a replica on `node` and elsewhere, for
// parse_streams().
erldist::function_call list_streams(metadata_store store, const std::string& node,
                                    std::size_t most);

// A function of one node, and one that removes a node, without --offline.
erldist::function_call about(const char* module, const char* function, const std::string& node);
erldist::function_call removal(const char* module, const char* function, const std::string& node);

}  // namespace warren::rabbitmq
