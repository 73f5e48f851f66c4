#include "agent/log.hpp"

#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace std::chrono_literals;
using namespace warren;
using agent::log_format;
using agent::log_level;

TEST_CASE("a log line as text has time, process, level and message") {
  CHECK(agent::format_line(log_format::text, log_level::warning, "the broker is away", 42,

                           base::wall_clock::from_time_t(1700000000) + 7ms) ==
        "2023-11-14T22:13:20.007Z [42] warning: the broker is away");
}

TEST_CASE("a log line as JSON has the same members") {
  const auto line = nlohmann::json::parse(
      agent::format_line(log_format::json, log_level::info, "say \"hello\"", 42,
                         base::wall_clock::from_time_t(1700000000) + 120ms));
  CHECK(line["time"] == "2023-11-14T22:13:20.120Z");
  CHECK(line["level"] == "info");
  CHECK(line["pid"] == 42);
  CHECK(line["message"] == "say \"hello\"");
}

TEST_CASE("text from elsewhere cannot forge a second line nor break the JSON") {
  const std::string hostile = "a\nb\x1b[31m\xff";
  const std::string text = agent::format_line(log_format::text, log_level::error, hostile, 1, {});
  CHECK(text.find('\n') == std::string::npos);
  CHECK(text.find("a\\nb\\x1b[31m") != std::string::npos);
  const std::string json = agent::format_line(log_format::json, log_level::error, hostile, 1, {});
  CHECK(json.find('\n') == std::string::npos);
  CHECK(nlohmann::json::accept(json));
}

TEST_CASE("a problem is told once, another one too, and its end once") {
  agent::told_once told;
  CHECK(told.problem("the broker", "refused"));
  CHECK_FALSE(told.problem("the broker", "refused"));
  CHECK(told.problem("the broker", "timed out"));
  CHECK_FALSE(told.problem("the broker", "refused"));
  CHECK(told.problem("endpointslices", "refused"));
  CHECK(told.well("the broker"));
  CHECK_FALSE(told.well("the broker"));
  CHECK(told.problem("the broker", "refused"));
}

TEST_CASE("an outage whose text always changes gets a bounded number of lines") {
  agent::told_once told;
  std::size_t lines = 0;
  for (int n = 0; n < 1000; ++n) lines += told.problem("the API", std::to_string(n)) ? 1 : 0;
  CHECK(lines == agent::told_once::most_texts);
}
