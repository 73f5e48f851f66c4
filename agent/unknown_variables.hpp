#pragma once

#include <string>
#include <vector>

namespace warren::agent {

// One problem for each name that begins with WARREN_ and is no setting's: it is misspelt, and what
// it was to set would be ignored in silence. Passed over is what kubelet sets for a Service whose
// name begins with "warren" (WARREN_SERVICE_HOST, WARREN_PORT_15690_TCP and so on).
std::vector<std::string> unknown_variables(const std::vector<std::string>& names);

}  // namespace warren::agent
