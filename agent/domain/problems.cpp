#include "agent/domain/problems.hpp"

#include "agent/domain/words.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <utility>

namespace warren::domain {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view split = "ClusterSplitDetected";
constexpr std::size_t max_outside = 8;  // brokers, each a problem of its own

struct hold {
  std::string_view reason;
  base::duration length;
};
// How long each must last; the others are told at once.
constexpr std::array holds{
    hold{"FormationWaiting", 10s},
    // A member with data that boots may wait for this node, or may just boot.
    hold{"ForceBootNeeded", 30s},
    hold{"QuorumLost", 10s},
    hold{"DataFolderUnreadable", 5s},
    // The looks at the brokers are five seconds apart.
    hold{split, 6s},
    hold{"PartitionDetected", 6s},
    hold{"BrokerOutsideCluster", 30s},
    hold{"MemberWithoutPod", 60s},
};

base::duration hold_of(std::string_view reason) {
  const auto at = std::ranges::find(holds, reason, &hold::reason);
  return at == holds.end() ? base::duration::zero() : at->length;
}

auto key(const cluster_problem& p) {
  return std::tie(p.reason, p.about);
}

std::string text_of(const std::vector<std::vector<std::string>>& groups) {
  std::string text;
  for (const auto& group : groups) {
    if (!text.empty()) text += " | ";
    text += some_of(group);
  }
  return text;
}

void add_cluster_problems(std::vector<cluster_problem>& all, const cluster_picture& picture) {
  const auto add = [&](std::string_view reason, std::string about, std::string note) {
    all.push_back({.reason = std::string(reason),
                   .about = std::move(about),
                   .note = std::move(note),
                   .from = problem_source::cluster});
  };
  if (picture.groups.size() > 1) {
    add(split, "",
        "the brokers run as " + std::to_string(picture.groups.size()) +
            " groups that do not reach each other: " + text_of(picture.groups) +
            "; Warren repairs no split: restart the brokers of those that may lose what they took "
            "in meanwhile");
  }
  if (!picture.partitioned.empty()) {
    add("PartitionDetected", "",
        "the brokers report partitions: " + some_of(picture.partitioned) +
            "; they last until the brokers of one side are restarted");
  }
  const std::size_t count = std::min(picture.outside.size(), max_outside);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& node = picture.outside[i];
    add("BrokerOutsideCluster", node,
        node + " runs outside the cluster" +
            (picture.groups.empty() ? "" : " of " + some_of(picture.groups.front())));
  }
  if (!picture.without_pod.empty()) {
    add("MemberWithoutPod", "",
        some_of(picture.without_pod) +
            (picture.without_pod.size() == 1 ? " is a member" : " are members") +
            " of the cluster without a pod; what counts on it is short of a replica until it comes "
            "back or is forgotten (rabbitmqctl forget_cluster_node)");
  }
}

}  // namespace

problem_list find_problems(std::string_view node, const formation_step* decision,
                           const cluster_picture& picture) {
  problem_list found;
  found.gate_knows = decision != nullptr && !decision->reason.empty();
  const auto has_own = [&](const auto& group) { return std::ranges::binary_search(group, node); };
  found.cluster_knows = std::ranges::any_of(picture.groups, has_own) || has_own(picture.outside);
  // The decision's words come first: they know the record.
  if (found.gate_knows && !decision->problem.empty()) {
    found.all.push_back({.reason = decision->problem, .note = decision->reason});
  }
  add_cluster_problems(found.all, picture);
  std::ranges::sort(found.all, {}, [](const cluster_problem& p) {
    return std::tuple(std::string_view(p.reason), std::string_view(p.about), p.from);
  });
  const auto twice =
      std::ranges::unique(found.all, [](const auto& a, const auto& b) { return key(a) == key(b); });
  found.all.erase(twice.begin(), twice.end());
  return found;
}

problem_list advance_problems(const problem_list& before, problem_list found,
                              base::time_point now) {
  for (cluster_problem& p : found.all) {
    const auto known = std::ranges::find_if(
        before.all, [&](const cluster_problem& other) { return key(other) == key(p); });
    p.since = known == before.all.end() ? now : known->since;
    p.stands = now - p.since >= hold_of(p.reason);
  }
  return found;
}

}  // namespace warren::domain
