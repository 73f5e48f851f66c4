#include "agent/metrics_text.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

namespace warren::agent {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Cuts the next part off `text`, without blanks around it.
std::string_view next_part(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = trim(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

struct media_range {
  std::string_view type;
  std::string_view version;
  double quality = 1;  // 0 to 1
};

media_range parse_range(std::string_view text) {
  media_range range;
  range.type = next_part(text, ';');
  while (!text.empty()) {
    std::string_view parameter = next_part(text, ';');
    const std::string_view name = next_part(parameter, '=');
    if (same(name, "version")) range.version = parameter;
    if (!same(name, "q")) continue;
    double quality = 0;
    const auto [end, ec] = std::from_chars(parameter.begin(), parameter.end(), quality);
    range.quality = ec == std::errc{} && quality >= 0 && quality <= 1 ? quality : 0;
  }
  return range;
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value < 0 ? "-Inf" : "+Inf";
  } else {
    char text[32];
    const auto [end, ec] = std::to_chars(text, text + sizeof text, value);
    if (ec == std::errc{}) out.append(text, end);
  }
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || c == '"') out += '\\';
      out += c;
    }
  }
}

void append_labels(std::string& out, const prometheus::ClientMetric& metric) {
  if (metric.label.empty()) return;
  char separator = '{';
  for (const auto& label : metric.label) {
    out += separator;
    out += label.name;
    out += "=\"";
    append_escaped(out, label.value);
    out += '"';
    separator = ',';
  }
  out += '}';
}

}  // namespace

metrics_format negotiate(std::string_view accept) {
  double text = 0;
  std::optional<double> open;
  while (!accept.empty()) {
    const media_range range = parse_range(next_part(accept, ','));
    if (same(range.type, "application/openmetrics-text")) {
      const bool ours = range.version.empty() || range.version == "1.0.0";
      if (ours && range.quality > 0) open = std::max(open.value_or(0), range.quality);
    } else if (same(range.type, "text/plain")) {
      text = std::max(text, range.quality);
    }
  }
  return open && *open >= text ? metrics_format::open_metrics : metrics_format::text;
}

std::string_view content_type(metrics_format format) {
  return format == metrics_format::open_metrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

std::string open_metrics(const std::vector<prometheus::MetricFamily>& families) {
  constexpr std::string_view total = "_total";
  std::string out;
  for (const prometheus::MetricFamily& family : families) {
    const bool counter = family.type == prometheus::MetricType::Counter;
    if (!counter && family.type != prometheus::MetricType::Gauge) continue;
    std::string_view name = family.name;
    if (counter && name.ends_with(total)) name.remove_suffix(total.size());
    ((out += "# TYPE ") += name) += counter ? " counter\n" : " gauge\n";
    ((out += "# HELP ") += name) += ' ';
    append_escaped(out, family.help);
    out += '\n';
    for (const prometheus::ClientMetric& sample : family.metric) {
      out += name;
      if (counter) out += total;
      append_labels(out, sample);
      out += ' ';
      append_number(out, counter ? sample.counter.value : sample.gauge.value);
      out += '\n';
    }
  }
  return out += "# EOF\n";
}

std::string plain_text(const std::vector<prometheus::MetricFamily>& families) {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

}  // namespace warren::agent
