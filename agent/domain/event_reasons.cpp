#include "agent/domain/transitions.hpp"

namespace warren::domain {

const std::vector<reason_help>& event_reasons() {
  using enum event_type;
  using enum event_about;
  static const std::vector<reason_help> reasons{
      {"PeersDiscovered", normal, pod, "DiscoverPeers",
       "The peers were found, or they are others than before"},
      {"PeerDiscoveryFailed", warning, pod, "DiscoverPeers",
       "The peers cannot be found, or an endpoint gives no node name: no such Service, no host "
       "name"},
      {"APIServerUnreachable", warning, pod, "DiscoverPeers",
       "The API server does not answer; the last known peers are kept"},
      {"APIServerReachable", normal, pod, "DiscoverPeers", "The API server answers again"},
      {"RBACDenied", warning, pod, "DiscoverPeers",
       "The Role does not allow what is needed to find the peers"},
      {"BrokerUnreachable", warning, pod, "ConnectBroker",
       "The broker was there and is gone: not in EPMD, or it refuses connections"},
      {"BrokerReachable", normal, pod, "ConnectBroker", "The broker answers again"},
      {"BrokerHung", warning, pod, "ConnectBroker",
       "The broker has not answered for liveness.hang_timeout; liveness fails"},
      {"ErlangCookieMismatch", warning, pod, "ConnectBroker",
       "The broker refuses the agent's Erlang cookie"},
      {"DistributionTLSFailed", warning, pod, "ConnectBroker",
       "The broker's distribution expects TLS and the agent speaks plain, or the other way round"},
      {"NodeNameDiffers", warning, pod, "ConnectBroker",
       "The node that answers is not the one that the agent was told"},
      {"ConnectionNotAllowed", warning, pod, "ConnectBroker",
       "The broker refuses this agent's name or its protocol flags"},
      {"AlarmRaised", warning, pod, "CheckAlarms",
       "A memory, disk or file descriptor alarm of this broker"},
      {"AlarmCleared", normal, pod, "CheckAlarms", "The alarm is over"},
      {"ListenerUnreachable", warning, pod, "CheckListeners",
       "A listener of this broker does not accept connections"},
      {"ListenerReachable", normal, pod, "CheckListeners", "It accepts connections again"},
      {"NodeUnreachable", warning, pod, "WatchMembers",
       "A member of the cluster is not reached by this broker"},
      {"NodeReachable", normal, pod, "WatchMembers", "It is reached again"},
      {"ClusterJoined", normal, pod, "WatchMembers",
       "This broker runs in a cluster with other members"},
      {"ClusterFormed", normal, stateful_set, "WatchMembers",
       "All expected members run in one cluster; told by the first of them in name order"},
      {"GateOpened", normal, pod, "FormCluster",
       "The start gate is open: the broker may start. Why, and after how long"},
      {"ClusterFounding", normal, stateful_set, "FormCluster", "A node founds the cluster"},
      {"GateOverruled", normal, pod, "FormCluster",
       "A person has ordered what this node does (warren gate)"},
      {"FormationWaiting", warning, pod, "FormCluster",
       "The start gate has been closed for 10 s, and for whom it waits"},
      {"DataFolderUnreadable", warning, pod, "FormCluster",
       "Whether this node has data cannot be seen; the gate stays closed"},
      {"StaleData", warning, pod, "FormCluster",
       "This node has data of another cluster or another node; it is never wiped"},
      {"QuorumLost", warning, pod, "FormCluster",
       "The disk of this node was lost, and too few members run to forget what it was"},
      {"ForceBootNeeded", warning, pod, "FormCluster",
       "Members with data wait for this node, whose disk was lost; the cure is a person's to "
       "choose"},
      {"MemberForgotten", normal, stateful_set, "FormCluster",
       "A member whose disk was lost was removed before it joins anew, and what is short of a "
       "replica now"},
      {"QueuesLost", warning, stateful_set, "FormCluster",
       "Queues that had their only replica on a disk that was lost"},
      {"ClusterSplitDetected", warning, pod, "WatchMembers",
       "Brokers run as more than one cluster, or this one in another than the record's"},
      {"PartitionDetected", warning, pod, "WatchMembers", "Brokers report a partition (up to 4.2)"},
      {"BrokerOutsideCluster", warning, pod, "WatchMembers",
       "A broker runs beside the cluster, or alone"},
      {"ClusterWhole", normal, pod, "WatchMembers",
       "Splits, partitions and brokers outside are over"},
      {"MemberWithoutPod", warning, pod, "WatchMembers", "A member has had no pod for a minute"},
  };
  return reasons;
}

std::string events_markdown() {
  std::string text = "| reason | type | about | meaning |\n| --- | --- | --- | --- |\n";
  for (const reason_help& help : event_reasons()) {
    text += "| `" + std::string(help.reason) + "` | ";
    text += help.type == event_type::normal ? "Normal" : "Warning";
    text += help.about == event_about::pod ? " | Pod | " : " | StatefulSet | ";
    text += std::string(help.meaning) + " |\n";
  }
  return text;
}

}  // namespace warren::domain
