#pragma once

#include "tests/simulation/agent.hpp"
#include "tests/simulation/broker.hpp"

#include <memory>
#include <string>

namespace warren::simulation {

struct pod {
  pod(world& w, int ordinal, std::string uid, std::shared_ptr<disk> volume, bool has_warren);

  int ordinal;
  std::string uid;
  std::shared_ptr<disk> volume;
  bool has_warren;
  bool terminating = false;
  bool gone = false;                 // its processes have ended and the API server forgot it
  std::optional<domain::door> conf;  // 90-warren.conf, in a volume that ends with the pod
  time_point conf_written;
  bool guard_open = false;      // the guard's memory of the gate
  bool broker_allowed = false;  // kubelet has seen the gate open
  int readable = 0;             // below 0: the data folder cannot be read
  warren::simulation::broker broker;
  warren::simulation::agent agent;
};

}  // namespace warren::simulation
