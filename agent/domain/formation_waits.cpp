#include "agent/domain/formation_context.hpp"
#include "agent/domain/words.hpp"

namespace warren::domain::formation {

formation_step wait_for_data(const context& c, const std::vector<std::string>& holders) {
  std::vector<std::string> booting;
  std::vector<std::string> not_there;
  for (const std::string& node : holders) {
    const formation_member* m = c.member(node);
    if (m == nullptr) continue;
    if (!m->pod_uid) not_there.push_back(node);
    const bool boots = presence_of(c, *m) == presence::runs && m->broker.value->boot &&
                       *m->broker.value->boot != boot_state::ready;
    if (boots && data_of(c, *m) == knowledge::yes) booting.push_back(node);
  }
  if (!booting.empty()) {
    return wait("this node has no data, and " + some_of(booting) +
                    " boots with data but waits, perhaps for this node, which stopped last; "
                    "'rabbitmqctl force_boot' there makes it start without",
                "ForceBootNeeded");
  }
  if (c.view.ordered_ready && !not_there.empty()) {
    return wait("this node has no data, and " + some_of(not_there) +
                    " may have some but is started only once this pod is ready (OrderedReady); "
                    "delete the claims that are not needed, or let the Role get "
                    "persistentvolumeclaims, or start with podManagementPolicy Parallel",
                "FormationWaiting");
  }
  return wait(
      "this node has no data; waiting for " + some_of(holders) + ", which may hold the cluster's",
      "FormationWaiting");
}

std::string data_elsewhere(const context& c) {
  for (const formation_member& m : c.view.members) {
    if (presence_of(c, m) != presence::runs) continue;
    const std::string& folder = m.broker.value->data_folder;
    if (folder.empty() || c.view.data_dir.empty()) continue;
    if (folder == c.view.data_dir + "/" + m.node) continue;
    return m.node + " keeps its data in " + folder + ", but this agent looks for data in " +
           c.view.data_dir +
           "; mount the volume at the same path in both containers and set '--data-dir' to the "
           "folder above the node's";
  }
  return {};
}

}  // namespace warren::domain::formation
