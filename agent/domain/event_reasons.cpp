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
