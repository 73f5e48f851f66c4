#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace warren::agent {

// What `warren gate show` prints for the body of GET /v1/gate: a line for each thing that the gate
// decides from. Nothing if the body is not such an answer. Characters that would steer a terminal
// are replaced.
std::optional<std::string> show_gate(std::string_view body);

}  // namespace warren::agent
