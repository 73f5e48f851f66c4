#include "base/wall_text.hpp"

#include "tests/support/catch.hpp"

using namespace std::chrono_literals;
using namespace warren;
using base::precision;
using base::rfc3339;

TEST_CASE("a time is written with the digits asked for, rounded down", "[base]") {
  const base::wall_time at = base::wall_clock::from_time_t(1700000000) + 7'999us;
  CHECK(rfc3339(at, precision::seconds) == "2023-11-14T22:13:20Z");
  CHECK(rfc3339(at, precision::milliseconds) == "2023-11-14T22:13:20.007Z");
  CHECK(rfc3339(at, precision::microseconds) == "2023-11-14T22:13:20.007999Z");
}

TEST_CASE("a time before 1970 is rounded down as well", "[base]") {
  const base::wall_time at = base::wall_clock::from_time_t(0) - 1us;
  CHECK(rfc3339(at, precision::microseconds) == "1969-12-31T23:59:59.999999Z");
  CHECK(rfc3339(at, precision::milliseconds) == "1969-12-31T23:59:59.999Z");
}
