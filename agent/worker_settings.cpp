#include "agent/worker_settings.hpp"

#include "agent/cookie.hpp"

#include <random>
#include <string>

namespace warren::agent {
namespace {

// One fixed name per pod: the broker keeps an atom for each name it has ever seen.
std::string own_node_name(const settings& s) {
  const std::string host(domain::host_of(s.broker.node));
  const std::string& who = s.pod.name.empty() ? host.substr(0, host.find('.')) : s.pod.name;
  return "warren-" + who + "@" + host;
}

}  // namespace

broker_link_settings link_settings(const settings& s, metrics& counts) {
  broker_link_settings link;
  for (const std::string& text : s.broker.addresses) {
    link.target.addresses.push_back(boost::asio::ip::make_address(text));
  }
  link.target.epmd_port = s.broker.epmd_port;
  link.target.node = s.broker.node;
  link.target.own_name = own_node_name(s);
  link.target.creation = std::random_device{}() | 4U;  // 0 to 3 are of an older protocol
  link.cookie = [given = s.broker.cookie, file = s.broker.cookie_file] {
    return read_cookie(given, file);
  };
  link.count = [&counts](std::string_view check, base::duration took, bool answered) {
    counts.count_look(check, took, answered);
  };
  link.check_interval = s.intervals.check;
  link.members_interval = s.intervals.members;
  link.connect_interval = s.intervals.connect;
  return link;
}

peer_agents_settings agents_settings(const settings& s) {
  peer_agents_settings agents;
  agents.service = s.peers.service;
  agents.port = s.listen.port;
  return agents;
}

peer_brokers_settings brokers_settings(const broker_link_settings& link) {
  peer_brokers_settings brokers;
  brokers.own_name = link.target.own_name;
  brokers.creation = link.target.creation;
  brokers.epmd_port = link.target.epmd_port;
  brokers.cookie = link.cookie;
  return brokers;
}

}  // namespace warren::agent
