#pragma once

#include "agent/domain/formation_types.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace warren::agent {

// Why what was read is not the status of the agent that was asked for.
enum class status_errc {
  no_status = 1,
  other_schema,
  other_service,
  other_node,
  other_pod,
};

boost::system::error_code make_error_code(status_errc e);

// The agent that should answer.
struct asked_agent {
  std::string service;
  std::string node;
  std::string pod_uid;  // empty: not known, so any will do
};

constexpr std::size_t max_status = std::size_t{256} * 1024;

// Reads a peer's GET /v1/status. Total. Fails with a status_errc that names what differs: schema,
// Service, node or pod. A field that is absent, or has a value that this version does not know, is
// a fact that is not known: an older or newer agent says less, never something else.
base::result<domain::agent_facts> read_status(std::string_view body, const asked_agent& whom);

}  // namespace warren::agent

template <>
struct boost::system::is_error_code_enum<warren::agent::status_errc> : std::true_type {};
