#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace warren::agent {

// Prometheus' text format 0.0.4, and OpenMetrics 1.0.
enum class metrics_format { text, open_metrics };

// What a scraper with this Accept header gets: OpenMetrics if it asks for version 1.0.0 (or none)
// of it and likes it no less than the text format; else the text format.
metrics_format negotiate(std::string_view accept);

std::string_view content_type(metrics_format format);

// Counters are named NAME_total and gauges NAME; other kinds are not written.
std::string open_metrics(const std::vector<prometheus::MetricFamily>& families);
std::string plain_text(const std::vector<prometheus::MetricFamily>& families);

}  // namespace warren::agent
