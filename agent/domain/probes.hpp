#pragma once

#include "agent/domain/health.hpp"

#include <optional>
#include <string>
#include <vector>

namespace warren::domain {

enum class probe { readyz, livez };

// What a prober asked for: /readyz?verbose&exclude=a&exclude=b, /readyz/CHECK.
struct probe_query {
  bool verbose = false;
  std::vector<std::string> exclude;
  std::optional<std::string> only;  // the CHECK of /readyz/CHECK: any check, also one of the others
};

struct probe_answer {
  int status = 503;  // 200, 503, or 404 for a check that does not exist
  std::string body;  // text/plain as kube-apiserver's; ends with a newline, fits kubelet's event
};

// The checks that a probe rests on at a readiness level.
std::vector<check> checks_of(probe kind, readiness_level level);

// A check whose outcome is unknown fails readiness and passes liveness: who does not know must
// not send clients, and must not restart a broker.
probe_answer answer_probe(probe kind, const std::vector<check_result>& report,
                          readiness_level level, const probe_query& query);

}  // namespace warren::domain
