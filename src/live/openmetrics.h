#pragma once

#include <prometheus/metric_family.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// A run as a series of readings over time, in the OpenMetrics text format, as
/// `promtool tsdb create-blocks-from openmetrics` takes it. Not thread-safe.
class OpenMetricsLog {
 public:
  /// @param most  readings to keep: at the next one every second is dropped, and from then on half
  /// as many are kept
  explicit OpenMetricsLog(std::size_t most = 600);

  /// Adds a reading of that instant. All must have the same families, series and order.
  void Add(Instant at, const std::vector<prometheus::MetricFamily>& families);
  /// The last reading, which is kept whatever comes.
  void AddLast(Instant at, const std::vector<prometheus::MetricFamily>& families);

  /// @param anchor  which wall time belongs to which instant
  /// @param write  gets one part of the text after another
  void Write(const WallAnchor& anchor, const std::function<void(std::string_view)>& write) const;

 private:
  struct Reading {
    Instant at;
    std::vector<double> values;
  };
  void Keep(Instant at, const std::vector<prometheus::MetricFamily>& families);

  const std::size_t most_;
  std::size_t every_ = 1;  ///< one of so many is kept
  std::size_t seen_ = 0;
  std::vector<Reading> readings_;
  std::vector<prometheus::MetricFamily> shape_;  ///< names, texts, labels and edges
};

}  // namespace sseprof
