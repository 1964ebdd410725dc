#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "cli/metrics_options.h"
#include "live/exporter.h"
#include "live/run_metrics.h"
#include "sseprof/time.h"

namespace sseprof {

/// Where Prometheus finds the runs of one command, one after another at the same address, if
/// --metrics-listen asks for it; else nothing it does has an effect.
class MetricsPage {
 public:
  enum class Talk { kPlain, kQuiet };
  /// @param options  outlive this
  MetricsPage(const MetricsOptions& options, Talk talk) : options_(options), talk_(talk) {}

  bool wanted() const { return !options_.listen.empty(); }

  /// Shows this run from now on, and listens if it is the first.
  /// @throws UsageError if it can't listen
  void Show(std::shared_ptr<const RunMetrics> run);
  /// The run shown last has been told its result.
  void Ended();

  /// --metrics-wait: until the first scrape has been answered, or `stopped`.
  void HoldForScrape(const std::function<bool()>& stopped) const;

  struct Leave {
    /// A signal ended the run: who gave it does not want to wait.
    bool interrupted = false;
    std::function<bool()> at_once;
    /// What a signal ends now, as people are told.
    std::string_view signal_ends = "that";
  };
  /// Stays until a scrape has seen the end of the run shown last, if someone scraped at all, or as
  /// long as --metrics-linger says.
  void Linger(const Leave& leave) const;

 private:
  const MetricsOptions& options_;
  const Talk talk_;
  std::unique_ptr<MetricsExporter> exporter_;
  Instant ended_at_ = kNever;
};

}  // namespace sseprof
