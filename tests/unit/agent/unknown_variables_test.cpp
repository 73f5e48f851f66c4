#include "agent/unknown_variables.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/settings_of.hpp"

using namespace warren;
using agent::unknown_variables;
using names = std::vector<std::string>;

TEST_CASE("a misspelt variable is a problem that names the one that was meant") {
  CHECK(unknown_variables({"WARREN_SERVICE", "WARREN_SEVICE", "PATH", "K8S_SEVICE_NAME"}) ==
        names{"WARREN_SEVICE: no such variable; WARREN_SERVICE has a similar name"});
  CHECK(unknown_variables({"WARREN_LIVENESS_HANG_TIMEOT"}) ==
        names{"WARREN_LIVENESS_HANG_TIMEOT: no such variable; WARREN_LIVENESS_HANG_TIMEOUT has a "
              "similar name"});
  const std::string endless = "WARREN_" + std::string(100000, 'X');
  CHECK(unknown_variables({"WARREN_SOMETHING_ELSE", endless}) ==
        names{"WARREN_SOMETHING_ELSE: no such variable", endless + ": no such variable"});
}

TEST_CASE("what kubelet sets for a Service called warren is no misspelling") {
  CHECK(unknown_variables({"WARREN_SERVICE_HOST", "WARREN_SERVICE_PORT", "WARREN_SERVICE_PORT_WEB",
                           "WARREN_PORT", "WARREN_PORT_80_TCP", "WARREN_PORT_80_TCP_ADDR",
                           "WARREN_PROBES_SERVICE_HOST", "WARREN_PROBES_PORT"})
            .empty());
  CHECK(unknown_variables({"WARREN_SERVICE_HOST", "WARREN_SEVICE"}).size() == 1);
  CHECK(unknown_variables({"WARREN_PROBES_PORT"}).size() == 1);
}

TEST_CASE("an unknown variable is one of all problems of the settings") {
  CHECK(
      testing::problems_of({.variables = {{"WARREN_EPMD_PORT", "0"}, {"WARREN_EPDM_PORT", "1"}}}) ==
      names{"WARREN_EPDM_PORT: no such variable; WARREN_EPMD_PORT has a similar name",
            "WARREN_EPMD_PORT=0: must be a port from 1 to 65535"});
}
