#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sseprof {

/// One line of a Prometheus page; views into the page.
struct MetricSample {
  std::string_view name;
  std::string_view labels;  ///< what stands between the braces, as it is
  double value = 0;

  /// A label's value; absent if it has none of that name.
  std::optional<std::string> Label(std::string_view wanted) const;
};

/// A number as such pages write it: "1e+06", "+Inf", "NaN".
std::optional<double> ParseMetricValue(std::string_view text);

/// Calls `visit` for each sample of a page in Prometheus' text format (or OpenMetrics): `name`,
/// `{labels}` where there are any, a value; time stamps and exemplars are passed over, as are
/// comments and lines that are none of this. Pure.
void ForEachSample(std::string_view page, const std::function<void(const MetricSample&)>& visit);

}  // namespace sseprof
