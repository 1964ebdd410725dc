#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/metrics_page.h"
#include "cli/openmetrics_file.h"
#include "cli/progress.h"
#include "cli/run_load.h"
#include "live/run_metrics.h"
#include "sseprof/summary.h"

namespace sseprof {

/// Shows a run while it goes on: to people on stderr, to Prometheus, and to the file that has its
/// metrics over time.
class RunMonitor {
 public:
  struct Options {
    RunMetrics::Options run;
    std::string openmetrics;  ///< file; empty: none
    std::optional<Nanos> origin;
    ProgressGoal goal;
    bool quiet = false;
  };
  /// Shows the run on `page`, if that is wanted, which outlives this. @throws UsageError if it
  /// can't listen
  RunMonitor(Options options, MetricsPage& page);

  /// Where an event loop counts; nowhere if nobody looks.
  RunLoad::Sinks Sinks(int loop);

  /// The load begins, and ends.
  void Begin();
  void End();
  /// What the run came to can be seen from now on.
  void Finish(const Summary& summary);
  /// Writes the file of --metrics-openmetrics, if there is to be one, after Finish.
  /// @throws UsageError if that can't be
  void WriteFile();

 private:
  const Options options_;
  MetricsPage& page_;
  std::shared_ptr<RunMetrics> metrics_;  ///< null if nobody looks
  std::optional<OpenMetricsFile> file_;
  std::optional<Progress> progress_;
};

}  // namespace sseprof
