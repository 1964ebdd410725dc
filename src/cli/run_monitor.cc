#include "cli/run_monitor.h"

#include <fmt/format.h>

#include <atomic>
#include <utility>

#include "cli/linger.h"
#include "cli/output.h"
#include "cli/stop_signal.h"
#include "net/clock.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

class Impatience final : public StopTarget {
 public:
  void OnStop() noexcept override { felt_.store(true); }
  bool felt() const { return felt_.load(); }

 private:
  std::atomic<bool> felt_{false};
};

std::unique_ptr<MetricsExporter> Listen(const MetricsExporter::Options& options) {
  try {
    return std::make_unique<MetricsExporter>(options);
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--metrics-listen: {}", error.what()));
  }
}

std::string SecondsText(Nanos span) { return fmt::format("{:.3g} s", ToSeconds(span)); }

}  // namespace

RunMonitor::RunMonitor(Options options) : options_(std::move(options)) {
  const MetricsOptions& metrics = options_.metrics;
  const bool listens = !metrics.listen.empty();
  if (options_.quiet && !listens && metrics.openmetrics.empty()) return;
  metrics_ = std::make_shared<RunMetrics>(options_.run);
  if (!metrics.openmetrics.empty()) {
    file_.emplace(metrics.openmetrics, metrics.Origin(), *metrics_);
  }
  if (!listens) return;
  const MetricsExporter::Options exporter = metrics.Exporter();
  exporter_ = Listen(exporter);
  exporter_->Show(metrics_);
  if (!exporter.address.is_loopback() && exporter.credentials.empty()) {
    WriteStderr(
        fmt::format("warning: --metrics-listen: {} can be reached from other machines, and "
                    "everyone may read it: give --metrics-auth-file, or 127.0.0.1",
                    exporter.address.Text()));
  }
  if (!options_.quiet || exporter.address.port == 0) {
    WriteStderr(fmt::format("metrics on {}", exporter_->Url()));
  }
}

RunLoad::Sinks RunMonitor::Sinks(int loop) {
  if (metrics_ == nullptr) return {};
  LoopMetrics& counts = metrics_->loop(loop);
  return {.requests = &counts, .loop = &counts};
}

void RunMonitor::HoldForScrape() const {
  const std::optional<Nanos> wait = options_.metrics.wait;
  if (!wait) return;
  const bool seen = exporter_->AwaitScrape({}, MonotonicNow() + *wait, options_.stopped);
  if (seen || options_.stopped()) return;
  WriteStderr(fmt::format("warning: nobody has asked {} for metrics within {}: the load starts now",
                          exporter_->Url(), SecondsText(*wait)));
}

void RunMonitor::Begin() {
  if (file_) file_->Begin();
  if (!options_.quiet) progress_.emplace(*metrics_, options_.goal);
}

void RunMonitor::End() { progress_.reset(); }

void RunMonitor::Finish(const Summary& summary) {
  if (metrics_ == nullptr) return;
  metrics_->Finish(summary);
  finished_at_ = MonotonicNow();
}

void RunMonitor::WriteFile() {
  if (file_) file_->Write();
}

void RunMonitor::Linger() const {
  if (exporter_ == nullptr) return;
  const std::optional<Nanos> fixed = options_.metrics.linger;
  const Nanos longest =
      fixed.value_or(LongestLinger(exporter_->scraped(), exporter_->Period(), options_.stopped()));
  if (longest <= Nanos{0}) return;
  if (!options_.quiet) {
    WriteStderr(fixed
                    ? fmt::format("metrics stay for {} (^C ends that)", SecondsText(longest))
                    : fmt::format("waiting for a scrape to see the end of the run, {} at most (^C "
                                  "ends that)",
                                  SecondsText(longest)));
  }
  const Instant since = fixed ? kNever : finished_at_;
  Impatience impatience;
  std::optional<StopSignal> signal;
  if (!options_.stopped()) signal.emplace(impatience);
  exporter_->AwaitScrape(since, MonotonicNow() + longest, [&] { return impatience.felt(); });
}

}  // namespace sseprof
