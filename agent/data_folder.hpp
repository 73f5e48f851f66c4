#pragma once

#include "agent/domain/formation_types.hpp"

#include <string>

namespace warren::agent {

// What lies in `data_dir` (a broker's RABBITMQ_MNESIA_BASE) for the broker `node`, whose own folder
// is data_dir/NODE. Never fails: what cannot be looked at is unknown, with a detail that names the
// path, the cause and the cure.
//   no       only if that broker, started now, would judge itself virgin and look for a cluster
//   yes      anything else that lies in its folder, remains of a broken first boot among them
//   unknown  something could not be read or is no folder, or neither data_dir nor its parent are
//            there: the volume has not been mounted
// The mark counts only if it names `node`; one that cannot be read or is damaged makes has_data
// unknown, for it may say that this node is a member. Blocks: for local files only.
domain::disk_view look_at_data(const std::string& data_dir, const std::string& node);

}  // namespace warren::agent
