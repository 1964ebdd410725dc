#pragma once

#include <optional>
#include <string>

#include "cli/option_set.h"
#include "live/exporter.h"
#include "live/run_metrics.h"
#include "sseprof/time.h"

namespace sseprof {

/// The options of `sseprof run` that show it to Prometheus.
struct MetricsOptions {
  std::string listen;
  std::string auth_file;
  BucketChoice buckets = BucketChoice::kFine;
  std::optional<Nanos> wait, linger;
  std::string openmetrics;  ///< file
  std::string origin;

  void Define(OptionSet& options);

  /// Refuses what contradicts itself. @throws UsageError
  void Check() const;

  /// Where to listen and what to ask for. @pre `listen` is not empty
  /// @throws UsageError, as the next
  MetricsExporter::Options Exporter() const;
  /// The wall time at which the measured start stands in the file; absent: its own.
  std::optional<Nanos> Origin() const;
};

}  // namespace sseprof
