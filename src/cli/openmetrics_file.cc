#include "cli/openmetrics_file.h"

#include <span>
#include <utility>

#include "live/metric_families.h"
#include "net/clock.h"
#include "out/output_file.h"

namespace sseprof {
namespace {

constexpr Nanos kPeriod = std::chrono::seconds(1);

}  // namespace

OpenMetricsFile::OpenMetricsFile(std::string path, std::optional<Nanos> origin,
                                 const RunMetrics& metrics)
    : path_(std::move(path)), origin_(origin), metrics_(metrics) {}

void OpenMetricsFile::Begin() {
  Read(Which::kNext);
  reader_.emplace(kPeriod, [this] { Read(Which::kNext); });
}

void OpenMetricsFile::Read(Which which) {
  const Instant now = MonotonicNow();
  RunReading reading = metrics_.Read(now);
  if (origin_ && reading.started) {
    if (reading.ended) *reading.ended += *origin_ - *reading.started;
    reading.started = origin_;
  }
  const auto families = MetricFamilies(std::span(&reading, 1), ReadProcessFacts(ProcessCpuTime()));
  which == Which::kLast ? log_.AddLast(now, families) : log_.Add(now, families);
}

void OpenMetricsFile::Write() {
  reader_.reset();
  Read(Which::kLast);
  WallAnchor anchor = metrics_.anchor();
  const Instant started = metrics_.FirstStart();
  if (origin_ && started != kNever) anchor = {.at = started, .since_epoch = *origin_};
  WriteFile(path_, [&](const TextSink& write) { log_.Write(anchor, write); });
}

}  // namespace sseprof
