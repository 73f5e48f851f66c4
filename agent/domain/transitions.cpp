#include "agent/domain/transitions.hpp"

#include "agent/domain/gate_orders.hpp"
#include "agent/domain/words.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>

namespace warren::domain {
namespace {

constexpr std::size_t max_note = 1000;  // events.k8s.io/v1 takes 1 kB

// Collects the Events; type, object and action of a reason come from event_reasons().
class teller {
 public:
  void tell(std::string_view reason, std::string note) {
    const auto& all = event_reasons();
    const auto help = std::ranges::find(all, reason, &reason_help::reason);
    if (help == all.end()) throw std::logic_error("not in event_reasons(): " + std::string(reason));
    if (note.size() > max_note) note.replace(max_note, std::string::npos, "...");
    events.push_back(
        {help->type, help->about, std::string(reason), std::string(help->action), std::move(note)});
  }
  std::vector<event_intent> events;
};

// FNV-1a over all words, never 0: the same in every process of this program.
std::uint64_t fingerprint(std::span<const std::string> words) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto add = [&](unsigned char c) { hash = (hash ^ c) * 1099511628211ULL; };
  for (const std::string& word : words) {
    for (const char c : word) add(static_cast<unsigned char>(c));
    add(0);
  }
  return hash == 0 ? 1 : hash;
}

std::vector<std::string> nodes_of(const peer_list& list) {
  std::vector<std::string> nodes;
  nodes.reserve(list.peers.size());
  for (const peer& p : list.peers) nodes.push_back(p.node);
  return nodes;
}

void tell_discovery_problem(teller& out, const world_view& world) {
  const std::string why =
      world.peers.last_error ? world.peers.last_error->text() : "no answer from the API server";
  switch (world.discovery) {
    case discovery_problem::none:
      return;
    case discovery_problem::forbidden:
      return out.tell("RBACDenied", why);
    case discovery_problem::unreachable:
      return out.tell("APIServerUnreachable", why);
    case discovery_problem::not_found:
    case discovery_problem::other:
      return out.tell("PeerDiscoveryFailed", why);
  }
}

void tell_peers(teller& out, told& said, const world_view& world) {
  if (!world.peers.value && !world.peers.last_error) return;  // a new worker has not looked yet
  if (world.discovery != said.discovery) {
    tell_discovery_problem(out, world);
    if (world.discovery == discovery_problem::none) {
      if (said.discovery == discovery_problem::unreachable) {
        out.tell("APIServerReachable", "the API server answers again");
      } else {
        said.peers.reset();  // the peers themselves say that they can be found again
      }
    }
    said.discovery = world.discovery;
  }
  if (world.discovery != discovery_problem::none || !world.peers.current()) return;

  const peer_list& list = *world.peers.value;
  const std::uint64_t problems = list.problems.empty() ? 0 : fingerprint(list.problems);
  if (problems != 0 && problems != said.peer_problems) {
    const std::size_t more = list.problem_count - 1;
    out.tell("PeerDiscoveryFailed",
             list.problems.front() +
                 (more > 0 ? " (and " + std::to_string(more) + " more endpoints like it)" : ""));
  }
  said.peer_problems = problems;

  const std::vector<std::string> nodes = nodes_of(list);
  const std::uint64_t print = fingerprint(nodes);
  // No peers at first is nothing to tell: the Service may simply have no pod with an address yet.
  if (said.peers == print || (!said.peers && nodes.empty())) return;
  said.peers = print;
  out.tell("PeersDiscovered", std::to_string(nodes.size()) +
                                  (nodes.size() == 1 ? " peer" : " peers") +
                                  (nodes.empty() ? "" : ": " + some_of(nodes)));
}

void tell_mistake(teller& out, const world_view& world) {
  const link_view& link = world.broker.link;
  const auto note = [&](std::string_view words) {
    return world.node + ": " + (link.detail.empty() ? std::string(words) : link.detail);
  };
  switch (link.state) {
    case link_state::cookie_rejected:
      return out.tell("ErlangCookieMismatch",
                      note("the Erlang cookies differ: give both containers the same one"));
    case link_state::tls_expected:
      return out.tell("DistributionTLSFailed", note("the broker's distribution expects TLS"));
    case link_state::name_differs:
      return out.tell(
          "NodeNameDiffers",
          note("another node answers: set WARREN_NODE to the broker's RABBITMQ_NODENAME"));
    case link_state::not_allowed:
      return out.tell("ConnectionNotAllowed", note("the broker refuses this agent"));
    case link_state::unknown:
    case link_state::unclear:
    case link_state::no_cookie:
    case link_state::away:
    case link_state::silent:
    case link_state::connected:
      return;
  }
}

// Told states are connected, away (was there and is gone), silent (hung) and the mistakes. A broker
// that is not there yet is no news; nor is a short silence.
void tell_link(teller& out, told& said, const world_view& world) {
  const link_view& link = world.broker.link;
  if (world.hung) {
    if (said.link != link_state::silent) {
      out.tell("BrokerHung", world.node + " is connected but does not answer");
    }
    said.link = link_state::silent;
    return;
  }
  if (link.state == said.link) return;
  switch (link.state) {
    case link_state::unknown:
    case link_state::unclear:
    case link_state::no_cookie:  // often just not there yet: the broker writes it as it boots
    case link_state::silent:
      return;
    case link_state::connected:
      if (said.link != link_state::unknown) {
        out.tell("BrokerReachable", world.node + " answers again");
      }
      break;
    case link_state::away:
      if (said.link != link_state::connected && said.link != link_state::silent) return;
      out.tell("BrokerUnreachable",
               world.node + " is gone" + (link.detail.empty() ? "" : ": " + link.detail));
      break;
    case link_state::cookie_rejected:
    case link_state::tls_expected:
    case link_state::name_differs:
    case link_state::not_allowed:
      tell_mistake(out, world);
      break;
  }
  said.link = link.state;
}

std::string effect_of(std::string_view resource) {
  return resource == "file_descriptor_limit"
             ? "it takes no new connections until descriptors are free"
             : "publishers are blocked in the whole cluster until it clears";
}

void tell_alarms(teller& out, told& said, const world_view& world) {
  if (!world.broker.alarms.current()) return;
  std::set<std::string> standing;
  for (const alarm& a : *world.broker.alarms.value) standing.insert(a.resource);
  for (const std::string& resource : standing) {
    if (!said.alarms.contains(resource)) {
      out.tell("AlarmRaised", resource + " alarm on " + world.node + ": " + effect_of(resource));
    }
  }
  for (const std::string& resource : said.alarms) {
    if (!standing.contains(resource)) {
      out.tell("AlarmCleared", resource + " alarm on " + world.node + " is over");
    }
  }
  said.alarms = std::move(standing);
}

bool runs(const broker_view& broker) {
  return broker.link.state == link_state::connected && broker.boot.current() &&
         *broker.boot.value == boot_state::ready;
}

void tell_listeners(teller& out, told& said, const world_view& world) {
  const broker_view& broker = world.broker;
  // A draining or paused broker closes them on purpose.
  const bool on_purpose =
      broker.draining.value.value_or(false) || broker.paused.value.value_or(false);
  if (!runs(broker) || on_purpose || !broker.ports.current()) return;
  std::set<std::string> closed;
  for (const port_view& p : *broker.ports.value) {
    const std::string name = "port " + std::to_string(p.what.port) + " (" + p.what.protocol + ")";
    if (p.accepts) {
      if (said.listeners.contains(name)) {
        out.tell("ListenerReachable", name + " of " + world.node + " accepts connections again");
      }
      continue;
    }
    if (!closed.insert(name).second || said.listeners.contains(name)) continue;
    out.tell("ListenerUnreachable", name + " of " + world.node + " does not accept connections" +
                                        (p.problem.empty() ? "" : ": " + p.problem));
  }
  said.listeners = std::move(closed);
}

void tell_members(teller& out, told& said, const world_view& world) {
  if (!runs(world.broker) || !world.broker.cluster.current()) return;
  const membership& cluster = *world.broker.cluster.value;
  std::set<std::string> unreachable;
  for (const std::string& member : cluster.members) {
    const bool up = std::ranges::find(cluster.running, member) != cluster.running.end();
    if (!up && member != world.node) unreachable.insert(member);
    const bool was_told = said.unreachable.contains(member);
    if (!up && member != world.node && !was_told) {
      out.tell("NodeUnreachable", member + " is a member but is not reached by " + world.node);
    } else if (up && was_told) {
      out.tell("NodeReachable", member + " is reached by " + world.node + " again");
    }
  }
  said.unreachable = std::move(unreachable);
}

// How many members make the cluster whole: what the StatefulSet says; where it may not be read, the
// peers that stay, but two at least: the first pod's list shows one before the others come.
std::size_t whole(const world_view& world) {
  if (world.expected_members.value) {
    return static_cast<std::size_t>(std::max(1, *world.expected_members.value));
  }
  if (!world.peers.value) return std::numeric_limits<std::size_t>::max();
  const auto stays = [](const peer& p) { return !p.terminating; };
  return std::max<std::size_t>(
      2, static_cast<std::size_t>(std::ranges::count_if(world.peers.value->peers, stays)));
}

void tell_cluster(teller& out, told& said, const world_view& world) {
  if (!runs(world.broker) || !world.broker.cluster.current()) return;
  const membership& cluster = *world.broker.cluster.value;
  const std::string size = std::to_string(cluster.members.size());
  if (!said.cluster_joined && cluster.members.size() > 1) {
    said.cluster_joined = true;
    out.tell("ClusterJoined",
             world.node + " runs in a cluster of " + size + ": " + some_of(cluster.members));
  }
  const bool complete =
      cluster.members.size() >= whole(world) && cluster.running.size() == cluster.members.size();
  if (!complete || cluster.members.size() <= said.cluster_formed) return;
  said.cluster_formed = cluster.members.size();
  if (cluster.running.front() != world.node) return;  // another one tells it
  out.tell("ClusterFormed", "all " + size + " members run: " + some_of(cluster.running));
}

void tell_forgotten(teller& out, const forgotten_report& report) {
  const auto count = [](std::size_t n, const std::string& what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  std::string note = "the cluster has forgotten what " + report.node + " was, whose disk was lost";
  if (report.quorum_queues + report.streams > 0) {
    note += "; " + count(report.quorum_queues, "quorum queue") + " and " +
            count(report.streams, "stream") +
            " have a replica less until they are grown again (rabbitmq-queues grow)";
  }
  out.tell("MemberForgotten", note);
  if (report.lost == 0) return;
  std::string lost = count(report.lost, "queue") +
                     " had no other replica and went with the disk of " + report.node + ": " +
                     some_of(report.lost_names);
  if (report.lost > report.lost_names.size()) lost += " and others";
  out.tell("QueuesLost", std::move(lost));
}

// Orders, the opening of the gate, and what was forgotten before it.
void tell_gate(teller& out, told& said, const world_view& world) {
  const gate_view& gate = world.gate;
  if (!gate.wired) return;
  if (!gate.person) said.ordered.clear();
  if (gate.person && text_of(*gate.person) != said.ordered) {
    said.ordered = text_of(*gate.person);
    out.tell("GateOverruled", "a person ordered " + world.node + ": " + said.ordered);
  }
  if (gate.forgotten && gate.forgotten->at != said.forgotten_at) {
    said.forgotten_at = gate.forgotten->at;
    tell_forgotten(out, *gate.forgotten);
  }
  if (!gate.open || said.gate_open) return;
  said.gate_open = true;
  // A gate in front of a broker that runs already says nothing new.
  const bool runs_already = world.broker.link.state == link_state::connected;
  if (gate.why.empty() || runs_already) return;
  out.tell("GateOpened", world.node + " may start after " + text(gate.waited) + ": " + gate.why);
  if (gate.founds) out.tell("ClusterFounding", world.node + " founds the cluster");
}

bool is_split(std::string_view reason) {
  return reason == "ClusterSplitDetected" || reason == "PartitionDetected" ||
         reason == "BrokerOutsideCluster";
}

void tell_problems(teller& out, told& said, const world_view& world) {
  const problem_list& problems = world.problems;
  std::set<std::string> found;
  for (const cluster_problem& p : problems.all) {
    std::string key = p.reason + (p.about.empty() ? "" : " " + p.about);
    if (p.stands && said.problems.insert(key).second) out.tell(p.reason, p.note);
    found.insert(std::move(key));
  }
  bool was_split = false;
  bool is_one_still = false;
  std::erase_if(said.problems, [&](const std::string& key) {
    const std::string_view reason = std::string_view(key).substr(0, key.find(' '));
    const bool of_cluster = is_split(reason) || reason == "MemberWithoutPod";
    const bool over =
        (of_cluster ? problems.cluster_knows : problems.gate_knows) && !found.contains(key);
    if (is_split(reason)) (over ? was_split : is_one_still) = true;
    return over;
  });
  if (was_split && !is_one_still) {
    out.tell("ClusterWhole", "the brokers that " + world.node + " knows are one cluster again");
  }
}

}  // namespace

transition events_since(const told& said, const world_view& world) {
  transition step{{}, said};
  teller out;
  tell_peers(out, step.next, world);
  tell_link(out, step.next, world);
  tell_alarms(out, step.next, world);
  tell_listeners(out, step.next, world);
  tell_members(out, step.next, world);
  tell_cluster(out, step.next, world);
  tell_gate(out, step.next, world);
  tell_problems(out, step.next, world);
  step.events = std::move(out.events);
  return step;
}

}  // namespace warren::domain
