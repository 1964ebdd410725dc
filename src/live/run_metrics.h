#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "live/loop_metrics.h"
#include "sseprof/slo.h"
#include "sseprof/summary.h"
#include "sseprof/time.h"

namespace sseprof {

enum class BucketChoice { kFine, kCoarse };

/// Edges of the live histograms. Those of what is told of the server: 48 a decade (coarse: 24) from
/// 100 us to 600 s, round values at which objectives are often set, and those of `slo`; of the
/// client: 6 a decade from 10 us to 60 s.
LiveEdges MakeLiveEdges(BucketChoice choice, const Slo& slo);

enum class RunPhase { kBefore, kWarmup, kMeasure, kDrain, kDone };

/// The quantiles of a whole run, as its summary has them; seconds.
struct ExactSpan {
  std::uint64_t count = 0;
  double sum = 0;
  std::optional<double> p50, p90, p95, p99, p999;
};

/// What is fixed of a run, fit to be shown: no secret is in it.
struct RunFacts {
  std::string run;      ///< its id
  std::string variant;  ///< what runs are compared by
  std::string model, endpoint, dataset, version;
  int concurrency = 1;
  Slo slo;
};

/// A run at one moment.
struct RunReading {
  const RunFacts* facts = nullptr;  ///< lives as long as its RunMetrics
  LiveTotals totals;
  std::vector<Nanos> busy;  ///< by event loop
  RunPhase phase = RunPhase::kBefore;
  std::optional<Nanos> started, ended;  ///< the measured window, wall time since the epoch
  std::optional<Nanos> elapsed;         ///< of the measured window, so far
  /// By LiveSpan, from kTtft to kTpot; without figures until the run has ended.
  std::vector<ExactSpan> exact;
};

/// All that is counted live of one run: each event loop counts in its own part, and whoever wants
/// to know sums them up. Thread-safe.
class RunMetrics {
 public:
  struct Options {
    RunFacts facts;
    int loops = 1;
    BucketChoice buckets = BucketChoice::kFine;
    WallAnchor anchor{};
    /// True if no request starts at that time or later. From any thread.
    std::function<bool(Instant)> starts_over;
  };
  explicit RunMetrics(Options options);

  /// The sink of one event loop.
  LoopMetrics& loop(int index) { return loops_[static_cast<std::size_t>(index)]; }

  /// The load has ended, with this result. Once.
  void Finish(const Summary& summary);

  RunReading Read(Instant now) const;

  const WallAnchor& anchor() const { return options_.anchor; }
  /// The first measured start; kNever: there was none yet.
  Instant FirstStart() const;

 private:
  RunPhase PhaseAt(Instant now, const RunReading& reading, Instant first_start) const;

  const Options options_;
  const LiveEdges edges_;
  std::deque<LoopMetrics> loops_;
  mutable std::mutex mutex_;
  bool finished_ = false;
  std::optional<Nanos> window_;
  std::vector<ExactSpan> exact_;
};

}  // namespace sseprof
