#include "live/run_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace sseprof {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// An objective can be read off a histogram only where it is an edge.
constexpr std::array<milliseconds, 11> kRoundEdges = {
    milliseconds(20),  milliseconds(25),   milliseconds(30),  milliseconds(40),
    milliseconds(50),  milliseconds(200),  milliseconds(250), milliseconds(300),
    milliseconds(500), milliseconds(2000), milliseconds(5000)};

ExactSpan Exact(const Distribution& distribution) {
  const auto count = distribution.count;
  return {.count = count,
          .sum = distribution.mean.value_or(0) * static_cast<double>(count),
          .p50 = distribution.p50,
          .p90 = distribution.p90,
          .p95 = distribution.p95,
          .p99 = distribution.p99,
          .p999 = distribution.p999};
}

constexpr std::size_t kExactSpans = static_cast<std::size_t>(LiveSpan::kTpot) + 1;

}  // namespace

LiveEdges MakeLiveEdges(BucketChoice choice, const Slo& slo) {
  std::vector<Nanos> more(kRoundEdges.begin(), kRoundEdges.end());
  for (const std::optional<Nanos>& limit : {slo.ttft, slo.tpot, slo.latency}) {
    if (limit) more.push_back(*limit);
  }
  const int per_decade = choice == BucketChoice::kFine ? 48 : 24;
  return {.server = BucketEdges(per_decade, microseconds(100), seconds(600), more),
          .client = BucketEdges(6, microseconds(10), seconds(60))};
}

RunMetrics::RunMetrics(Options options)
    : options_(std::move(options)),
      edges_(MakeLiveEdges(options_.buckets, options_.facts.slo)),
      exact_(kExactSpans) {
  for (int i = 0; i < options_.loops; ++i) loops_.emplace_back(edges_, options_.facts.slo);
}

void RunMetrics::Finish(const Summary& summary) {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  if (summary.total_time_s) {
    window_ = Nanos{std::llround(*summary.total_time_s * 1e9)};
  }
  const auto set = [this](LiveSpan span, const Distribution& distribution) {
    exact_[static_cast<std::size_t>(span)] = Exact(distribution);
  };
  set(LiveSpan::kTtft, summary.ttft);
  set(LiveSpan::kItl, summary.itl);
  set(LiveSpan::kLatency, summary.latency);
  set(LiveSpan::kTpot, summary.tpot);
}

Instant RunMetrics::FirstStart() const {
  Instant first = kNever;
  for (const LoopMetrics& loop : loops_) first = std::min(first, loop.first_start());
  return first;
}

RunPhase RunMetrics::PhaseAt(Instant now, const RunReading& reading, Instant first_start) const {
  if (finished_) return RunPhase::kDone;
  if (first_start != kNever) {
    return options_.starts_over(now) ? RunPhase::kDrain : RunPhase::kMeasure;
  }
  return reading.totals[LiveCounter::kWarmupStarted] > 0 ? RunPhase::kWarmup : RunPhase::kBefore;
}

RunReading RunMetrics::Read(Instant now) const {
  RunReading reading = {.facts = &options_.facts, .totals = LiveTotals(edges_)};
  const Instant first_start = FirstStart();
  for (const LoopMetrics& loop : loops_) {
    loop.AddTo(reading.totals);
    reading.busy.push_back(loop.busy());
  }
  const std::lock_guard lock(mutex_);
  reading.phase = PhaseAt(now, reading, first_start);
  reading.exact = exact_;
  // A counter must not fall while it is looked at, but what it comes to in the end must be true.
  LiveTotals& totals = reading.totals;
  if (finished_) totals[LiveCounter::kTokensCounted] -= totals[LiveCounter::kTokensOwed];
  if (first_start == kNever) return reading;
  const WallAnchor& anchor = options_.anchor;
  reading.started = anchor.since_epoch + (first_start - anchor.at);
  reading.elapsed = finished_ ? window_.value_or(Nanos{0}) : std::max(Nanos{0}, now - first_start);
  if (finished_) reading.ended = *reading.started + *reading.elapsed;
  return reading;
}

}  // namespace sseprof
