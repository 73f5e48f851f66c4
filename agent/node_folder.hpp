#pragma once

#include "base/result.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace warren::agent {

// What a node's own folder, DATA_DIR/NODE, tells of it.
enum class folder_content {
  virgin,      // its broker would look for a cluster, whatever version it is
  unfinished,  // what a first boot leaves that was ended before it made the default vhost and user
  data,
};

// Judges by names, as the brokers do, but never calls a folder virgin that any of them takes for
// one with data (tried on 3.10.8, 4.0.5 and 4.3.6):
// - 3.9 to 4.2 with Mnesia: virgin if there is nothing but cluster_nodes.config,
//   nodes_running_at_shutdown, coordination and quorum; stream is passed over from 3.12 on,
//   rabbitmq_metadata from 3.13, msg_stores from 4.0.
// - 4.0 to 4.3 with Khepri: virgin if the metadata store is empty. It is a Raft member in
//   coordination/NODE, made before the first look for peers, whatever the database is. It cannot be
//   looked into from here, so the folder of that member counts as data: 4.0 that was moved to
//   Khepri while it ran has nothing else but names that Mnesia's test passes over.
// - after `rabbitmqctl reset` with Khepri the queues' files stay and only the store and
//   rabbit_serial go: that is virgin. (Not always: a first boot that was killed leaves a second
//   member, which a reset passes over.)
// Fails, naming the path, the cause and the cure, if anything that decides cannot be read.
base::result<folder_content> look_at_node_folder(const std::string& folder);

// Calls `visit` with each name in a folder until it returns false. Fails as above.
base::result<void> for_each_entry(const std::string& folder,
                                  const std::function<bool(const std::string&)>& visit);

// A failure that reads "cannot look at PATH (CURE): CAUSE".
base::failure cannot_look(int error_number, const std::string& path, std::string_view cure);
constexpr std::string_view may_read =
    "the agent's user must be able to read the broker's data volume, as fsGroup makes it";

}  // namespace warren::agent
