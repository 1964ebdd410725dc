#include "cli/run_monitor.h"

#include <utility>

namespace sseprof {

RunMonitor::RunMonitor(Options options, MetricsPage& page)
    : options_(std::move(options)), page_(page) {
  if (options_.quiet && !page_.wanted() && options_.openmetrics.empty()) return;
  metrics_ = std::make_shared<RunMetrics>(options_.run);
  if (!options_.openmetrics.empty()) {
    file_.emplace(options_.openmetrics, options_.origin, *metrics_);
  }
  page_.Show(metrics_);
}

RunLoad::Sinks RunMonitor::Sinks(int loop) {
  if (metrics_ == nullptr) return {};
  LoopMetrics& counts = metrics_->loop(loop);
  return {.requests = &counts, .loop = &counts};
}

void RunMonitor::Begin() {
  if (file_) file_->Begin();
  if (!options_.quiet) progress_.emplace(*metrics_, options_.goal);
}

void RunMonitor::End() { progress_.reset(); }

void RunMonitor::Finish(const Summary& summary) {
  if (metrics_ == nullptr) return;
  metrics_->Finish(summary);
  page_.Ended();
}

void RunMonitor::WriteFile() {
  if (file_) file_->Write();
}

}  // namespace sseprof
