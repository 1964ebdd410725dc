#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "cli/periodic.h"
#include "live/openmetrics.h"
#include "live/run_metrics.h"
#include "sseprof/time.h"

namespace sseprof {

/// The file that has a run's metrics over time: a reading every second, of a long run every other
/// second or fewer, held in memory until it is written.
class OpenMetricsFile {
 public:
  /// @param origin  the wall time at which the measured start is to stand; absent: its own
  /// @param metrics  outlives this
  OpenMetricsFile(std::string path, std::optional<Nanos> origin, const RunMetrics& metrics);

  /// The load begins now: from here on it reads.
  void Begin();

  /// Reads once more and writes. Once, after the run's end. @throws UsageError if it can't
  void Write();

 private:
  enum class Which { kNext, kLast };
  void Read(Which which);

  const std::string path_;
  const std::optional<Nanos> origin_;
  const RunMetrics& metrics_;
  OpenMetricsLog log_;
  std::optional<Periodic> reader_;
};

}  // namespace sseprof
