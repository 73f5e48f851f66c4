#include "agent/domain/peer_sights.hpp"

#include <utility>

namespace warren::domain {
namespace {

bool is_same_pod(const peer_sight& sight, const peer& who) {
  return sight.pod_uid == who.uid && sight.addresses == who.addresses;
}

}  // namespace

void match(peer_sights& sights, const peer_list& list, std::string_view self) {
  peer_sights next;
  for (const peer& p : list.peers) {
    if (p.node == self) continue;
    peer_sight* known = sight_of(sights, p);
    next[p.node] = known != nullptr ? std::move(*known)
                                    : peer_sight{.pod_uid = p.uid, .addresses = p.addresses};
  }
  sights = std::move(next);
}

peer_sight* sight_of(peer_sights& sights, const peer& who) {
  const auto at = sights.find(who.node);
  return at != sights.end() && is_same_pod(at->second, who) ? &at->second : nullptr;
}

formation_member member_of(const std::string& node, const peer_sights& sights) {
  formation_member member;
  member.node = node;
  const auto at = sights.find(node);
  if (at == sights.end()) return member;
  member.pod_uid = at->second.pod_uid;
  member.agent = at->second.agent;
  member.broker = at->second.broker;
  return member;
}

}  // namespace warren::domain
