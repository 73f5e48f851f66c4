#include "agent/metrics_text.hpp"

#include "tests/support/catch.hpp"

#include <prometheus/metric_family.h>

#include <limits>

using namespace warren;
using agent::metrics_format;
using agent::negotiate;

TEST_CASE("who asks for nothing in particular gets the text format") {
  const std::string accept = GENERATE(
      as<std::string>{}, "", "*/*", "text/plain", "text/html,application/json;q=0.9",
      "application/openmetrics-text;version=0.0.1", ";;;,,,=", "application/openmetrics-text;q=0",
      "application/openmetrics-text;q=0.5,text/plain;q=0.9", "application/openmetrics-text;q=nan",
      "application/openmetrics-text;q=2");
  CAPTURE(accept);
  CHECK(negotiate(accept) == metrics_format::text);
}

TEST_CASE("who prefers OpenMetrics 1.0 gets it") {
  const std::string accept = GENERATE(as<std::string>{}, "application/openmetrics-text",
                                      "application/openmetrics-text; version=1.0.0; charset=utf-8",
                                      "Application/OpenMetrics-Text;Version=1.0.0",
                                      "application/openmetrics-text;version=1.0.0,application/"
                                      "openmetrics-text;version=0.0.1;q=0.75,"
                                      "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                                      "text/plain;q=0.5 , application/openmetrics-text;q=0.5");
  CAPTURE(accept);
  CHECK(negotiate(accept) == metrics_format::open_metrics);
}

TEST_CASE("OpenMetrics names counters without _total, escapes and ends with EOF") {
  prometheus::MetricFamily counter;
  counter.name = "things_total";
  counter.help = "Things \"made\"";
  counter.type = prometheus::MetricType::Counter;
  counter.metric.resize(1);
  counter.metric[0].counter.value = 3;
  counter.metric[0].label = {{"a", "x\"y\\z\n"}, {"b", ""}};
  prometheus::MetricFamily gauge;
  gauge.name = "heat_celsius";
  gauge.help = "Heat";
  gauge.type = prometheus::MetricType::Gauge;
  gauge.metric.resize(2);
  gauge.metric[0].gauge.value = 0.1;
  gauge.metric[1].gauge.value = -std::numeric_limits<double>::infinity();
  gauge.metric[1].label = {{"room", "sauna"}};
  CHECK(agent::open_metrics({counter, gauge}) ==
        "# TYPE things counter\n"
        "# HELP things Things \\\"made\\\"\n"
        "things_total{a=\"x\\\"y\\\\z\\n\",b=\"\"} 3\n"
        "# TYPE heat_celsius gauge\n"
        "# HELP heat_celsius Heat\n"
        "heat_celsius 0.1\n"
        "heat_celsius{room=\"sauna\"} -Inf\n"
        "# EOF\n");
  CHECK(agent::open_metrics({}) == "# EOF\n");
}
