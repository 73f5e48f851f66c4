#pragma once

#include "agent/domain/formation_types.hpp"
#include "agent/domain/peer_sights.hpp"
#include "agent/domain/peers.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Whether the brokers that run are one cluster, as they see it themselves.
namespace warren::domain {

// A broker that runs, and what it says of its cluster.
struct cluster_sight {
  std::string node;
  std::string cluster_id;  // empty if not known
  membership cluster;
  bool joins = false;  // it stands alone because it has not joined yet: no cluster of its own
};

struct cluster_picture {
  // Members that reach each other, each group sorted; the one that is taken for the cluster comes
  // first. More than one is a split.
  std::vector<std::vector<std::string>> groups;
  std::vector<std::string> outside;      // run, but in another cluster or alone; sorted
  std::vector<std::string> partitioned;  // up to 4.2: "a from b"; sorted
  std::vector<std::string> without_pod;  // members of the cluster whose pod is gone; sorted
  bool pods_known = false;               // else nothing is known of those
  friend bool operator==(const cluster_picture&, const cluster_picture&) = default;
};

// The brokers that were seen to run as members of a cluster not longer than half a minute ago, the
// own one (`node`, `own`, and the mark on its disk) included.
std::vector<cluster_sight> cluster_sights(std::string_view node,
                                          const base::observed<broker_facts>& own,
                                          const std::optional<mark>& own_mark,
                                          const peer_sights& peers, base::time_point now);

// Two brokers belong to one group if one of them reaches the other: looks are not made at one
// moment, and a broker that has just come is not seen by all at once. The cluster is the group with
// the record's id, else the largest, else the first by name. `pods` are the peers as they are
// listed now, sorted by node; null if they are not known.
cluster_picture picture_of(std::span<const cluster_sight> sights, std::string_view recorded_id,
                           const peer_list* pods);

}  // namespace warren::domain
