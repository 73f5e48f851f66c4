#pragma once

#include "agent/snapshot_store.hpp"

#include <string>
#include <string_view>

namespace warren::agent {

// Who answers, as the JSON answers state it.
struct identity {
  std::string node;
  std::string service;
  std::string pod;
  std::string pod_uid;
  std::string peer_source;  // "kubernetes"
  std::string version;      // of this program
};

// GET /v1/status: what this agent knows, each observation with its age in seconds and its last
// error.
std::string status_json(const snapshot& now_known, const identity& who, base::time_point now);

// GET /v1/gate: the part of it that the start gate decides from, with what it waits for.
std::string gate_json(const snapshot& now_known, base::time_point now);

}  // namespace warren::agent
