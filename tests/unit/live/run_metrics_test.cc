#include "live/run_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "unit/live/loop_metrics_fixture.h"
#include "unit/record_builder.h"

namespace sseprof::run_metrics_test {
namespace {

using namespace std::chrono_literals;

constexpr Instant kAnchor{1000s};
constexpr Nanos kWall = 1'700'000'000s;

/// A run of two loops, whose load is over when the test says so.
class RunMetricsTest : public ::testing::Test {
 protected:
  static RequestRecord StartAt(Nanos offset) {
    return RecordBuilder(0).Start(kAnchor.time_since_epoch() + offset).Build();
  }
  static RequestRecord WarmupAt(Nanos offset) {
    RequestRecord record = StartAt(offset);
    record.warmup = true;
    return record;
  }
  RunReading At(Nanos offset) const { return run_.Read(kAnchor + offset); }

  std::optional<Instant> starts_end_;
  RunMetrics run_{
      {.facts = {.run = "r", .variant = "v"},
       .loops = 2,
       .anchor = {.at = kAnchor, .since_epoch = kWall},
       .starts_over = [this](Instant now) { return starts_end_ && now >= *starts_end_; }}};
};

Summary SummaryOf(std::optional<double> total_time_s) {
  Summary summary;
  summary.total_time_s = total_time_s;
  return summary;
}

TEST_F(RunMetricsTest, PhasesOfAWholeRun) {
  starts_end_ = kAnchor + 20s;
  EXPECT_EQ(At(0s).phase, RunPhase::kBefore);
  run_.loop(1).OnStart(WarmupAt(1s));
  EXPECT_EQ(At(1s).phase, RunPhase::kWarmup);
  run_.loop(1).OnFinish(WarmupAt(1s), 0);
  EXPECT_EQ(At(2s).phase, RunPhase::kWarmup);
  run_.loop(0).OnStart(StartAt(3s));
  EXPECT_EQ(At(3s).phase, RunPhase::kMeasure);
  EXPECT_EQ(At(20s - 1ns).phase, RunPhase::kMeasure);
  EXPECT_EQ(At(20s).phase, RunPhase::kDrain);
  run_.Finish(SummaryOf(18.5));
  EXPECT_EQ(At(25s).phase, RunPhase::kDone);
}

TEST_F(RunMetricsTest, WithoutWarmupTheRunIsMeasuredFromItsFirstStart) {
  EXPECT_EQ(At(0s).phase, RunPhase::kBefore);
  run_.loop(0).OnStart(StartAt(1s));
  EXPECT_EQ(At(1s).phase, RunPhase::kMeasure);
}

TEST_F(RunMetricsTest, TheWindowBeginsAtTheFirstMeasuredStartOfAnyLoop) {
  EXPECT_EQ(run_.FirstStart(), kNever);
  run_.loop(0).OnStart(WarmupAt(1s));
  EXPECT_EQ(run_.FirstStart(), kNever);
  EXPECT_EQ(At(2s).started, std::nullopt);
  EXPECT_EQ(At(2s).elapsed, std::nullopt);
  run_.loop(0).OnStart(StartAt(5s));
  run_.loop(1).OnStart(StartAt(4s));
  run_.loop(1).OnStart(StartAt(9s));
  EXPECT_EQ(run_.FirstStart(), kAnchor + 4s);
  const RunReading reading = At(10s);
  EXPECT_EQ(reading.started, kWall + 4s);
  EXPECT_EQ(reading.elapsed, 6s);
  EXPECT_EQ(reading.ended, std::nullopt);
}

TEST_F(RunMetricsTest, AReadingThatWasTakenBeforeTheStartHasElapsedNothing) {
  run_.loop(0).OnStart(StartAt(5s));
  EXPECT_EQ(At(4s).elapsed, 0s);
}

TEST_F(RunMetricsTest, AfterTheEndTheWindowIsTheSummarys) {
  run_.loop(0).OnStart(StartAt(5s));
  run_.Finish(SummaryOf(2.5));
  const RunReading reading = At(100s);
  EXPECT_EQ(reading.started, kWall + 5s);
  EXPECT_EQ(reading.elapsed, 2500ms);
  EXPECT_EQ(reading.ended, kWall + 7500ms);
}

TEST_F(RunMetricsTest, ARunThatEndedWithoutAnEndOfAnyRequestHasAnEmptyWindow) {
  run_.loop(0).OnStart(StartAt(5s));
  run_.Finish(SummaryOf({}));
  EXPECT_EQ(At(100s).elapsed, 0s);
  EXPECT_EQ(At(100s).ended, kWall + 5s);
}

TEST_F(RunMetricsTest, ARunWithoutAMeasuredStartHasNoWindow) {
  run_.loop(0).OnStart(WarmupAt(5s));
  run_.Finish(SummaryOf({}));
  const RunReading reading = At(100s);
  EXPECT_EQ(reading.phase, RunPhase::kDone);
  EXPECT_EQ(reading.started, std::nullopt);
  EXPECT_EQ(reading.ended, std::nullopt);
  EXPECT_EQ(reading.elapsed, std::nullopt);
}

TEST_F(RunMetricsTest, LoopsAddUpButForTheirBusyTimes) {
  TellLive(run_.loop(0), RecordBuilder(0).Output(1ms).Output(3ms).Finish("stop").Build());
  TellLive(run_.loop(1), RecordBuilder(1).Output(1ms).Output(5ms).Finish("stop").Build());
  run_.loop(0).OnLoop({.busy = 3ms});
  run_.loop(1).OnLoop({.busy = 4ms});
  const RunReading reading = At(1s);
  EXPECT_EQ(reading.totals[LiveCounter::kCompleted], 2);
  EXPECT_EQ(reading.totals[LiveSpan::kItl].sum, 6ms);
  EXPECT_EQ(reading.totals[LiveCounter::kBusyNanos], 7'000'000);
  EXPECT_THAT(reading.busy, testing::ElementsAre(3ms, 4ms));
}

TEST_F(RunMetricsTest, ExactQuantilesAreTheSummarysAndAbsentBefore) {
  ASSERT_EQ(At(0s).exact.size(), 4u);
  for (const ExactSpan& exact : At(0s).exact) {
    EXPECT_EQ(exact.count, 0u);
    EXPECT_EQ(exact.sum, 0);
    EXPECT_EQ(exact.p50, std::nullopt);
    EXPECT_EQ(exact.p999, std::nullopt);
  }
  Summary summary;
  summary.ttft = {
      .count = 4, .p50 = 1.0, .p90 = 2.0, .p95 = 3.0, .p99 = 4.0, .p999 = 5.0, .mean = 2.5};
  summary.itl.count = 100;
  summary.itl.p50 = 0.02;
  summary.latency = {.count = 1, .p50 = 9.0};
  summary.tpot = {.count = 1, .p50 = 0.03};
  run_.Finish(summary);
  const std::vector<ExactSpan> exact = At(1s).exact;
  const ExactSpan& ttft = exact[static_cast<std::size_t>(LiveSpan::kTtft)];
  EXPECT_EQ(ttft.count, 4u);
  EXPECT_EQ(ttft.sum, 10.0);
  EXPECT_EQ(ttft.p50, 1.0);
  EXPECT_EQ(ttft.p90, 2.0);
  EXPECT_EQ(ttft.p95, 3.0);
  EXPECT_EQ(ttft.p99, 4.0);
  EXPECT_EQ(ttft.p999, 5.0);
  EXPECT_EQ(exact[static_cast<std::size_t>(LiveSpan::kItl)].p50, 0.02);
  EXPECT_EQ(exact[static_cast<std::size_t>(LiveSpan::kItl)].p99, std::nullopt);
  EXPECT_EQ(exact[static_cast<std::size_t>(LiveSpan::kItl)].count, 100u);
  EXPECT_EQ(exact[static_cast<std::size_t>(LiveSpan::kLatency)].p50, 9.0);
  EXPECT_EQ(exact[static_cast<std::size_t>(LiveSpan::kTpot)].p50, 0.03);
}

TEST_F(RunMetricsTest, TokensNeverFallThoughAGuessWasTooHigh) {
  const auto tokens = [this] { return At(0s).totals[LiveCounter::kTokensCounted]; };
  RequestRecord record = RecordBuilder(0).Output(1ms, 5).Finish("stop").Build();
  run_.loop(0).OnStart(record);
  run_.loop(0).OnEvents(record, 0);
  run_.loop(0).OnLoop({});
  EXPECT_EQ(tokens(), 5);
  record.events[0].tokens = 1;
  run_.loop(0).OnFinish(record, 5);
  EXPECT_EQ(tokens(), 5);
  TellLive(run_.loop(0), RecordBuilder(1).Output(1ms, 7).Finish("stop").Build());
  EXPECT_EQ(tokens(), 8);
}

TEST_F(RunMetricsTest, TokensAreTrueInTheEndThoughTheLastGuessWasTooHigh) {
  const auto tokens = [this] { return At(0s).totals[LiveCounter::kTokensCounted]; };
  RequestRecord record = RecordBuilder(0).Output(1ms, 1).Finish("stop").Build();
  run_.loop(0).OnStart(record);
  record.events[0].tokens = 5;
  run_.loop(0).OnEvents(record, 0);
  record.events[0].tokens = 1;
  run_.loop(0).OnFinish(record, 5);
  EXPECT_EQ(tokens(), 5);
  run_.Finish({});
  EXPECT_EQ(tokens(), 1);
}

TEST(MakeLiveEdgesTest, AnObjectiveIsTakenInBothChoices) {
  const Slo slo = {.ttft = 333ms};
  for (const BucketChoice choice : {BucketChoice::kFine, BucketChoice::kCoarse}) {
    const BucketEdges edges = MakeLiveEdges(choice, slo).server;
    EXPECT_EQ(edges.edge(edges.IndexOf(333ms)), 333ms);
  }
}

TEST_F(RunMetricsTest, LoopsCountWhileOthersRead) {
  constexpr int kRequests = 2'000;
  std::atomic<int> running{2};
  const auto load = [&](int loop) {
    const RequestRecord record = RecordBuilder(0).Output(1ms).Output(3ms).Finish("stop").Build();
    for (int i = 0; i < kRequests; ++i) TellLive(run_.loop(loop), record);
    --running;
  };
  std::thread first(load, 0), second(load, 1);
  std::int64_t gaps = 0;
  while (running > 0) {
    const RunReading reading = At(1s);
    EXPECT_GE(reading.totals.InFlight(), 0);
    EXPECT_GE(reading.totals[LiveSpan::kItl].Count(), gaps);
    gaps = reading.totals[LiveSpan::kItl].Count();
  }
  first.join();
  second.join();
  EXPECT_EQ(At(1s).totals[LiveCounter::kCompleted], 2 * kRequests);
  EXPECT_EQ(At(1s).totals.InFlight(), 0);
}

}  // namespace
}  // namespace sseprof::run_metrics_test
