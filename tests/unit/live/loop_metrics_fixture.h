#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "live/loop_metrics.h"
#include "live/run_metrics.h"
#include "unit/record_builder.h"

namespace sseprof {

using namespace std::chrono_literals;

/// The record as far as its first `events` events, as it is while it grows.
inline RequestRecord Grown(const RequestRecord& record, std::size_t events) {
  RequestRecord part = record;
  part.events.resize(events);
  std::erase_if(part.extra_choices, [&](const ExtraChoice& e) { return e.event >= events; });
  return part;
}

/// Tells a finished record as it came: start, event by event, end. `guesses` are the tokens of the
/// events as they were guessed; without any they were right.
inline void TellLive(LiveSink& sink, const RequestRecord& record,
                     std::vector<std::int32_t> guesses = {}) {
  sink.OnStart(Grown(record, 0));
  std::int64_t guessed = 0;
  for (std::size_t i = 0; i < record.events.size(); ++i) {
    RequestRecord grown = Grown(record, i + 1);
    StreamEvent& newest = grown.events.back();
    if (!guesses.empty()) newest.tokens = guesses.at(i);
    if (IsOutput(newest.kind)) guessed += newest.tokens;
    sink.OnEvents(grown, i);
  }
  sink.OnFinish(record, guessed);
}

/// What was counted so far.
inline LiveTotals TotalsOf(const LoopMetrics& loop, const LiveEdges& edges) {
  LiveTotals totals(edges);
  loop.AddTo(totals);
  return totals;
}

/// Three tokens, all that a good request can have: TTFT 20 ms, gaps of 10 and 14 ms, TPOT 12 ms,
/// latency 45 ms.
inline RecordBuilder Good() {
  return RecordBuilder(1)
      .Start(5s)
      .Output(20ms)
      .Output(30ms)
      .Output(44ms)
      .Finish("stop")
      .Done(45ms)
      .UsageTokens(7, 3);
}

/// One loop, and what it has counted.
class LoopMetricsTest : public ::testing::Test {
 protected:
  LiveTotals Totals() const { return TotalsOf(*loop_, edges_); }
  std::int64_t Count(LiveCounter counter) const { return Totals()[counter]; }
  std::int64_t Count(LiveSpan span) const { return Totals()[span].Count(); }
  Nanos Sum(LiveSpan span) const { return Totals()[span].sum; }
  void Tell(const RecordBuilder& builder) { TellLive(*loop_, builder.Build()); }
  void SetSlo(const Slo& slo) { loop_.emplace(edges_, slo); }

  /// Counters that are not 0, but for those named.
  std::vector<LiveCounter> Moved() const {
    std::vector<LiveCounter> moved;
    for (int i = 0; i < static_cast<int>(LiveCounter::kSize); ++i) {
      if (Count(static_cast<LiveCounter>(i)) != 0) moved.push_back(static_cast<LiveCounter>(i));
    }
    return moved;
  }
  std::vector<LiveSpan> Observed() const {
    std::vector<LiveSpan> observed;
    for (int i = 0; i < static_cast<int>(LiveSpan::kSize); ++i) {
      if (Count(static_cast<LiveSpan>(i)) != 0) observed.push_back(static_cast<LiveSpan>(i));
    }
    return observed;
  }

  const LiveEdges edges_ = MakeLiveEdges(BucketChoice::kFine, {});
  std::optional<LoopMetrics> loop_{std::in_place, edges_, Slo{}};
};

}  // namespace sseprof
