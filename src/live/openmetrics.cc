#include "live/openmetrics.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <utility>

namespace sseprof {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// Calls `visit(suffix, extra label, its value, value)` for each sample of a metric.
template <class Visitor>
void ForEachSample(const ClientMetric& metric, MetricType type, Visitor&& visit) {
  switch (type) {
    case MetricType::Counter:
      return visit("_total", "", 0.0, metric.counter.value);
    case MetricType::Histogram:
      for (const auto& bucket : metric.histogram.bucket) {
        visit("_bucket", "le", bucket.upper_bound, static_cast<double>(bucket.cumulative_count));
      }
      visit("_count", "", 0.0, static_cast<double>(metric.histogram.sample_count));
      return visit("_sum", "", 0.0, metric.histogram.sample_sum);
    case MetricType::Summary:
      for (const auto& quantile : metric.summary.quantile) {
        visit("", "quantile", quantile.quantile, quantile.value);
      }
      visit("_count", "", 0.0, static_cast<double>(metric.summary.sample_count));
      return visit("_sum", "", 0.0, metric.summary.sample_sum);
    default:
      return visit("", "", 0.0, metric.gauge.value);
  }
}

std::string_view TypeName(MetricType type) {
  switch (type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Histogram:
      return "histogram";
    case MetricType::Summary:
      return "summary";
    default:
      return "gauge";
  }
}

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

/// "{run="a",le="0.1"}", without a last label if `name` is empty.
std::string LabelText(const ClientMetric& metric, std::string_view name, double value) {
  std::string text;
  const auto add = [&text](std::string_view label, std::string_view of) {
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "{" : ",", label, of);
  };
  for (const auto& label : metric.label) add(label.name, Escaped(label.value));
  // With the digits that the page of a scrape has.
  if (!name.empty()) add(name, std::isinf(value) ? "+Inf" : fmt::format("{:.16g}", value));
  return text.empty() ? "" : text + "}";
}

std::string FamilyName(const MetricFamily& family) {
  constexpr std::string_view kTotal = "_total";
  if (family.type == MetricType::Counter && family.name.ends_with(kTotal)) {
    return family.name.substr(0, family.name.size() - kTotal.size());
  }
  return family.name;
}

}  // namespace

OpenMetricsLog::OpenMetricsLog(std::size_t most) : most_(most) {}

void OpenMetricsLog::Add(Instant at, const std::vector<MetricFamily>& families) {
  if (seen_++ % every_ != 0) return;
  if (readings_.size() == most_) {
    std::vector<Reading> half;
    for (std::size_t i = 0; i < readings_.size(); i += 2) half.push_back(std::move(readings_[i]));
    readings_ = std::move(half);
    every_ *= 2;
  }
  Keep(at, families);
}

void OpenMetricsLog::AddLast(Instant at, const std::vector<MetricFamily>& families) {
  // Times have milliseconds in the file, and each series a time once.
  if (!readings_.empty() && at - readings_.back().at < std::chrono::milliseconds(1)) {
    readings_.pop_back();
  }
  Keep(at, families);
}

void OpenMetricsLog::Keep(Instant at, const std::vector<MetricFamily>& families) {
  Reading& reading = readings_.emplace_back();
  reading.at = at;
  for (const MetricFamily& family : families) {
    for (const ClientMetric& metric : family.metric) {
      ForEachSample(metric, family.type,
                    [&](std::string_view, std::string_view, double, double value) {
                      reading.values.push_back(value);
                    });
    }
  }
  if (shape_.empty()) shape_ = families;
}

void OpenMetricsLog::Write(const WallAnchor& anchor,
                           const std::function<void(std::string_view)>& write) const {
  std::size_t at = 0;
  for (const MetricFamily& family : shape_) {
    const std::string name = FamilyName(family);
    write(fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, Escaped(family.help), name,
                      TypeName(family.type)));
    for (const ClientMetric& metric : family.metric) {
      ForEachSample(metric, family.type,
                    [&](std::string_view suffix, std::string_view label, double of, double) {
                      const std::string series =
                          fmt::format("{}{}{}", name, suffix, LabelText(metric, label, of));
                      std::string lines;
                      for (const Reading& reading : readings_) {
                        const Nanos wall = anchor.since_epoch + (reading.at - anchor.at);
                        lines += fmt::format("{} {} {:.3f}\n", series, Number(reading.values[at]),
                                             ToSeconds(wall));
                      }
                      write(lines);
                      ++at;
                    });
    }
  }
  write("# EOF\n");
}

}  // namespace sseprof
