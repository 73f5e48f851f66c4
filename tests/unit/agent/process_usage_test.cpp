#include "agent/process_usage.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace warren;

TEST_CASE("the use of a process is read from its stat line, whatever its name") {
  const std::string stat =
      "42 (a ) b) S 1 42 42 0 -1 4194560 500 0 0 0 150 50 0 0 20 0 1 0 1000 20971520 2048 "
      "18446744073709551615 1 1";
  const auto usage = agent::parse_process_stat(
      stat, {.ticks_per_second = 100, .page_bytes = 4096, .boot_seconds = 1700000000});
  REQUIRE(usage.has_value());
  CHECK(usage->cpu_seconds == 2.0);
  CHECK(usage->virtual_bytes == 20971520);
  CHECK(usage->resident_bytes == 2048 * 4096);
  CHECK(usage->start_seconds == 1700000010.0);
}

TEST_CASE("a text that is no stat line gives nothing") {
  const std::string stat = GENERATE(as<std::string>{}, "", "42", "42 (x) S 1 2 3", "42 (x) S a b c",
                                    "42 (x) S                                     ");
  CAPTURE(stat);
  CHECK_FALSE(agent::parse_process_stat(stat, {}).has_value());
}
