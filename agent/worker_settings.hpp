#pragma once

#include "agent/metrics.hpp"
#include "agent/settings.hpp"
#include "agent/tasks/broker_link.hpp"
#include "agent/tasks/peer_agents.hpp"
#include "agent/tasks/peer_brokers.hpp"

namespace warren::agent {

// What the parts of a worker are told of the program's settings. `counts` must outlive the link.
broker_link_settings link_settings(const settings& s, metrics& counts);
peer_agents_settings agents_settings(const settings& s);
peer_brokers_settings brokers_settings(const broker_link_settings& link);

}  // namespace warren::agent
