#include "cli/metrics_page.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "cli/linger.h"
#include "cli/output.h"
#include "net/clock.h"
#include "sseprof/duration.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

std::unique_ptr<MetricsExporter> Listen(const MetricsExporter::Options& options) {
  try {
    return std::make_unique<MetricsExporter>(options);
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--metrics-listen: {}", error.what()));
  }
}

}  // namespace

void MetricsPage::Show(std::shared_ptr<const RunMetrics> run) {
  ended_at_ = kNever;
  if (!wanted()) return;
  if (exporter_ != nullptr) return exporter_->Show(std::move(run));
  const MetricsExporter::Options exporter = options_.Exporter();
  exporter_ = Listen(exporter);
  exporter_->Show(std::move(run));
  if (!exporter.address.is_loopback() && exporter.credentials.empty()) {
    WriteStderr(
        fmt::format("warning: --metrics-listen: {} can be reached from other machines, and "
                    "everyone may read it: give --metrics-auth-file, or 127.0.0.1",
                    exporter.address.Text()));
  }
  if (talk_ == Talk::kPlain || exporter.address.port == 0) {
    WriteStderr(fmt::format("metrics on {}", exporter_->Url()));
  }
}

void MetricsPage::Ended() { ended_at_ = MonotonicNow(); }

void MetricsPage::HoldForScrape(const std::function<bool()>& stopped) const {
  const std::optional<Nanos> wait = options_.wait;
  if (!wait) return;
  const bool seen = exporter_->AwaitScrape({}, MonotonicNow() + *wait, stopped);
  if (seen || stopped()) return;
  WriteStderr(fmt::format("warning: nobody has asked {} for metrics within {}: the load starts now",
                          exporter_->Url(), SecondsText(*wait)));
}

void MetricsPage::Linger(const Leave& leave) const {
  if (exporter_ == nullptr || ended_at_ == kNever) return;
  const std::optional<Nanos> fixed = options_.linger;
  const Nanos longest =
      fixed.value_or(LongestLinger(exporter_->scraped(), exporter_->Period(), leave.interrupted));
  if (longest <= Nanos{0}) return;
  if (talk_ == Talk::kPlain) {
    WriteStderr(fixed ? fmt::format("metrics stay for {} (^C ends {})", SecondsText(longest),
                                    leave.signal_ends)
                      : fmt::format("waiting for a scrape to see the end of the run, {} at most "
                                    "(^C ends {})",
                                    SecondsText(longest), leave.signal_ends));
  }
  exporter_->AwaitScrape(fixed ? kNever : ended_at_, MonotonicNow() + longest, leave.at_once);
}

}  // namespace sseprof
