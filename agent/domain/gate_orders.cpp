#include "agent/domain/gate_orders.hpp"

#include "agent/domain/words.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace warren::domain {
namespace {

order_verdict refused(std::string why) {
  return {.taken = false, .text = std::move(why)};
}

// Why nothing can be ordered of this node, or nothing.
std::string why_not(const formation_view& view) {
  if (view.gate_open) {
    return "the gate is open already: the broker decides with what it was given, and no order "
           "changes that";
  }
  if (!view.disk.current()) {
    return "the data folder was not looked at yet" +
           (view.disk.last_error ? ": " + view.disk.last_error->text() : "");
  }
  const disk_view& disk = *view.disk.value;
  switch (disk.has_data) {
    case knowledge::no:
      return {};
    case knowledge::yes:
      return "this node has data, and neither founds nor joins a cluster anew; if its data is not "
             "needed, stop the pod and delete its claim (or empty the data folder)";
    case knowledge::unknown:
      break;
  }
  return "whether this node has data is not known: " + disk.detail;
}

// Every other node that this agent has heard of, sorted.
std::vector<std::string> known_nodes(const formation_view& view) {
  std::set<std::string> all;
  for (const formation_member& m : view.members) all.insert(m.node);
  if (view.expected.value) all.insert(view.expected.value->begin(), view.expected.value->end());
  all.erase(view.node);
  return {all.begin(), all.end()};
}

order_verdict judge_found(const formation_view& view, const formation_settings& settings,
                          base::time_point now) {
  const clusters_seen seen = clusters_of(view, settings, now);
  if (!seen.clusters.empty()) {
    const std::string& member = seen.clusters.front().running.front();
    return refused("a cluster runs on " + some_of(seen.clusters.front().running) +
                   "; 'warren gate join " + member + "' joins it");
  }
  std::vector<std::string> holders;
  for (const formation_member& m : view.members) {
    const bool empty = m.agent.current() && m.agent.value->has_data == knowledge::no;
    if (!empty) holders.push_back(m.node);
  }
  return {.taken = true,
          .text = view.node + " founds a new cluster" +
                  (holders.empty()
                       ? ""
                       : ", and gives up what " + some_of(holders) + " may hold of an older one")};
}

order_verdict judge_join(const std::string& target, const formation_view& view,
                         const formation_settings& settings, base::time_point now) {
  if (target == view.node) return refused("a node cannot join itself");
  const std::vector<std::string> known = known_nodes(view);
  if (!std::ranges::binary_search(known, target)) {
    return refused("no such node: " + target + "; " +
                   (known.empty() ? "no other is known yet" : "known are " + some_of(known)));
  }
  for (const running_cluster& cluster : clusters_of(view, settings, now).clusters) {
    if (std::ranges::binary_search(cluster.running, target)) {
      return {.taken = true,
              .text = view.node + " joins " + target + ", which runs in the cluster of " +
                      some_of(cluster.members)};
    }
  }
  return {.taken = true,
          .text = view.node + " joins " + target +
                  ", which is not seen to run as a member now: it joins once that runs"};
}

}  // namespace

order_verdict judge_order(const overrule& wanted, const formation_view& view,
                          const formation_settings& settings, base::time_point now) {
  if (std::string why = why_not(view); !why.empty()) return refused(std::move(why));
  if (wanted.found) return judge_found(view, settings, now);
  return judge_join(wanted.target, view, settings, now);
}

std::string text_of(const overrule& order) {
  return order.found ? "found" : "join " + order.target;
}

}  // namespace warren::domain
