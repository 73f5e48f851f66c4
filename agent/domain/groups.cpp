#include "agent/domain/groups.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace warren::domain {
namespace {

// Peers are looked at every five seconds; what is much older says nothing of the present.
constexpr base::duration lasts = std::chrono::seconds(30);

using group = std::vector<const cluster_sight*>;

bool lists(const std::vector<std::string>& sorted, const std::string& node) {
  return std::ranges::binary_search(sorted, node);
}

bool reaches(const cluster_sight& from, const cluster_sight& to) {
  const bool same =
      from.cluster_id.empty() || to.cluster_id.empty() || from.cluster_id == to.cluster_id;
  return same && lists(from.cluster.running, to.node);
}

// Joins all groups that `next` is connected with into one.
void add(std::vector<group>& groups, const cluster_sight& next) {
  group joined{&next};
  const auto connected = [&](const cluster_sight* other) {
    return reaches(next, *other) || reaches(*other, next);
  };
  std::erase_if(groups, [&](const group& g) {
    if (std::ranges::none_of(g, connected)) return false;
    joined.insert(joined.end(), g.begin(), g.end());
    return true;
  });
  groups.push_back(std::move(joined));
}

std::string_view id_of(const group& g) {
  for (const cluster_sight* s : g) {
    if (!s->cluster_id.empty()) return s->cluster_id;
  }
  return {};
}

std::vector<std::string> nodes_of(const group& g) {
  std::vector<std::string> nodes;
  nodes.reserve(g.size());
  for (const cluster_sight* s : g) nodes.push_back(s->node);
  std::ranges::sort(nodes);
  return nodes;
}

// A group beside the cluster is a part of it that is cut off, if it has its id or lists its
// members; else it is outside.
bool is_part_of(const group& part, const group& cluster) {
  const std::string_view id = id_of(part);
  const std::string_view cluster_id = id_of(cluster);
  if (!id.empty() && !cluster_id.empty()) return id == cluster_id;
  return std::ranges::any_of(part, [&](const cluster_sight* s) {
    return std::ranges::any_of(
        cluster, [&](const cluster_sight* c) { return lists(s->cluster.members, c->node); });
  });
}

std::vector<std::string> members_without_pod(const group& cluster, const peer_list& pods,
                                             std::span<const cluster_sight> all) {
  std::set<std::string> members;
  for (const cluster_sight* s : cluster) {
    members.insert(s->cluster.members.begin(), s->cluster.members.end());
  }
  std::erase_if(members, [&](const std::string& node) {
    return std::ranges::binary_search(pods.peers, node, {}, &peer::node);
  });
  for (const cluster_sight& s : all) members.erase(s.node);  // it runs, wherever that is
  return {members.begin(), members.end()};
}

bool is_fresh(const base::observed<broker_facts>& seen, base::time_point now) {
  return seen.current() && now - *seen.seen_at <= lasts;
}

void add_sight(std::vector<cluster_sight>& all, std::string_view node,
               const base::observed<broker_facts>& seen, const std::optional<mark>& known_mark,
               base::time_point now) {
  if (!is_fresh(seen, now)) return;
  const broker_facts& facts = *seen.value;
  const bool runs = facts.state == presence::runs && facts.boot == boot_state::ready;
  if (!runs || !facts.cluster || facts.cluster->members.empty()) return;
  const bool joining = known_mark && known_mark->state == mark_state::joining;
  all.push_back({.node = std::string(node),
                 .cluster_id = facts.cluster_id,
                 .cluster = *facts.cluster,
                 .joins = joining && facts.cluster->members.size() == 1});
}

}  // namespace

std::vector<cluster_sight> cluster_sights(std::string_view node,
                                          const base::observed<broker_facts>& own,
                                          const std::optional<mark>& own_mark,
                                          const peer_sights& peers, base::time_point now) {
  std::vector<cluster_sight> all;
  add_sight(all, node, own, own_mark, now);
  for (const auto& [name, sight] : peers) {
    const bool told = sight.agent.current() &&
                      (sight.pod_uid.empty() || sight.agent.value->pod_uid == sight.pod_uid);
    add_sight(all, name, sight.broker, told ? sight.agent.value->mark : std::nullopt, now);
  }
  return all;
}

cluster_picture picture_of(std::span<const cluster_sight> sights, std::string_view recorded_id,
                           const peer_list* pods) {
  std::vector<group> groups;
  cluster_picture picture;
  std::set<std::string> partitioned;
  for (const cluster_sight& s : sights) {
    for (const std::string& other : s.cluster.partitioned) {
      partitioned.insert(s.node + " from " + other);
    }
    if (s.joins) {
      picture.outside.push_back(s.node);
    } else {
      add(groups, s);
    }
  }
  picture.partitioned.assign(partitioned.begin(), partitioned.end());

  const auto rank = [&](const group& g) {
    const bool recorded = !recorded_id.empty() && id_of(g) == recorded_id;
    return std::tuple(!recorded, -static_cast<long>(g.size()), nodes_of(g));
  };
  std::ranges::sort(groups, {}, rank);
  for (const group& g : groups) {
    picture.groups.push_back(nodes_of(g));
    const bool other_id = !recorded_id.empty() && !id_of(g).empty() && id_of(g) != recorded_id;
    const bool part = picture.groups.size() == 1 || is_part_of(g, groups.front());
    if (part && !other_id) continue;
    picture.outside.insert(picture.outside.end(), picture.groups.back().begin(),
                           picture.groups.back().end());
  }
  std::ranges::sort(picture.outside);
  picture.pods_known = pods != nullptr && !groups.empty();
  if (picture.pods_known) {
    picture.without_pod = members_without_pod(groups.front(), *pods, sights);
  }
  return picture;
}

}  // namespace warren::domain
