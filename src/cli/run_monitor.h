#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/metrics_options.h"
#include "cli/openmetrics_file.h"
#include "cli/progress.h"
#include "cli/run_load.h"
#include "live/exporter.h"
#include "live/run_metrics.h"
#include "sseprof/summary.h"

namespace sseprof {

/// Shows a run while it goes on: to people on stderr, to Prometheus, and to the file that has its
/// metrics over time.
class RunMonitor {
 public:
  struct Options {
    RunMetrics::Options run;
    MetricsOptions metrics;
    ProgressGoal goal;
    bool quiet = false;
    /// The run was told to stop: nothing is waited for any more. From any thread.
    std::function<bool()> stopped;
  };
  /// Listens, from now on, where it was asked to. @throws UsageError if it can't
  explicit RunMonitor(Options options);

  /// Where an event loop counts; nowhere if nobody looks.
  RunLoad::Sinks Sinks(int loop);

  /// --metrics-wait: until the first scrape has been answered.
  void HoldForScrape() const;
  /// The load begins, and ends.
  void Begin();
  void End();
  /// What the run came to can be seen from now on.
  void Finish(const Summary& summary);
  /// Writes the file of --metrics-openmetrics, if there is to be one, after Finish.
  /// @throws UsageError if that can't be
  void WriteFile();
  /// Stays until a scrape has seen the end of the run, if someone scraped it at all. A signal ends
  /// that, but for a run that was interrupted: then signals are someone else's.
  void Linger() const;

 private:
  const Options options_;
  std::shared_ptr<RunMetrics> metrics_;  ///< null if nobody looks
  std::unique_ptr<MetricsExporter> exporter_;
  std::optional<OpenMetricsFile> file_;
  std::optional<Progress> progress_;
  Instant finished_at_{};
};

}  // namespace sseprof
