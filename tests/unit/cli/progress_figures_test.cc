#include "cli/progress_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sseprof::progress_figures_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

/// Readings of a made-up run, whose load begins at 0.
class ProgressHistoryTest : public testing::Test {
 protected:
  ProgressHistoryTest() { Expect({.requests = 100}); }

  void Expect(const ProgressGoal& goal) {
    history_.emplace(goal);
    history_->Add(Instant{}, reading_);
  }
  /// What has come to be by then.
  const ProgressFigures& At(Nanos now) {
    history_->Add(Instant{now}, reading_);
    return figures_ = history_->Figures();
  }
  std::int64_t& Count(LiveCounter counter) { return reading_.totals[counter]; }
  void Spans(LiveSpan span, Nanos value, std::int64_t count) {
    BucketCounts& counts = reading_.totals[span];
    counts.counts[counts.edges->IndexOf(value)] += count;
  }
  void Measure(Nanos elapsed) {
    reading_.phase = RunPhase::kMeasure;
    reading_.elapsed = elapsed;
  }

  const LiveEdges edges_ = MakeLiveEdges(BucketChoice::kFine, {});
  const RunFacts facts_ = {.concurrency = 4};
  RunReading reading_ = {.facts = &facts_, .totals = LiveTotals(edges_), .busy = {Nanos{0}}};
  std::optional<ProgressHistory> history_;
  ProgressFigures figures_;
};

TEST_F(ProgressHistoryTest, WhatDoesNotExistYetIsAbsent) {
  const ProgressFigures& figures = At(milliseconds(500));
  EXPECT_EQ(figures.elapsed, milliseconds(500));
  EXPECT_EQ(figures.phase, RunPhase::kBefore);
  EXPECT_EQ(figures.left, std::nullopt);
  EXPECT_EQ(figures.tokens_per_s, std::nullopt);
  EXPECT_EQ(figures.ttft.p50, std::nullopt);
  EXPECT_EQ(figures.client_delay.p99, std::nullopt);
  EXPECT_EQ(figures.coalesced, std::nullopt);
  EXPECT_EQ(figures.limit, "");
  EXPECT_THAT(figures.failures, IsEmpty());
}

TEST_F(ProgressHistoryTest, SaysWhichRunItIs) {
  EXPECT_EQ(At(seconds(1)).run, "");
  Expect({.run = "run 2 of 3"});
  EXPECT_EQ(At(seconds(1)).run, "run 2 of 3");
}

TEST_F(ProgressHistoryTest, WarmUpAndFailedRequestsCountAsDone) {
  Count(LiveCounter::kWarmupStarted) = 5;
  Count(LiveCounter::kWarmupFinished) = 4;
  Count(LiveCounter::kStarted) = 6;
  Count(LiveCounter::kCompleted) = 2;
  reading_.totals.failures[static_cast<std::size_t>(Outcome::kTimeout)] = 2;
  reading_.totals.failures[static_cast<std::size_t>(Outcome::kHttp5xx)] = 1;
  Measure(seconds(1));
  const ProgressFigures& figures = At(seconds(2));
  EXPECT_EQ(figures.done, 9);
  EXPECT_EQ(figures.in_flight, 2);
  EXPECT_EQ(figures.BelowTarget(), 2);
  EXPECT_EQ(figures.total, 100);
  EXPECT_EQ(figures.over, 0.09);
  EXPECT_EQ(figures.failed, 3);
  EXPECT_THAT(figures.failures, ElementsAre(Pair("timeout", 2), Pair("http_5xx", 1)));
}

TEST_F(ProgressHistoryTest, FewerInFlightAreNoLackButWhileMeasuring) {
  for (const RunPhase phase : {RunPhase::kBefore, RunPhase::kWarmup, RunPhase::kDrain}) {
    reading_.phase = phase;
    EXPECT_EQ(At(seconds(1)).BelowTarget(), 0);
  }
}

TEST_F(ProgressHistoryTest, RatesAreOfTheLastFiveSeconds) {
  Count(LiveCounter::kEvents) = 1;
  for (int second = 1; second <= 12; ++second) {
    Measure(seconds(second));
    Count(LiveCounter::kTokensCounted) += second <= 7 ? 1000 : 100;
    At(seconds(second));
  }
  EXPECT_DOUBLE_EQ(*figures_.tokens_per_s, 100);
}

TEST_F(ProgressHistoryTest, RatesLeaveWarmUpOut) {
  At(seconds(4));
  Measure(seconds(1));
  Count(LiveCounter::kEvents) = Count(LiveCounter::kTokensCounted) = 300;
  EXPECT_DOUBLE_EQ(*At(seconds(5)).tokens_per_s, 300);
}

TEST_F(ProgressHistoryTest, WithoutAStreamTheServerCounts) {
  Measure(seconds(2));
  Count(LiveCounter::kTokensReported) = 50;
  EXPECT_DOUBLE_EQ(*At(seconds(2)).tokens_per_s, 25);
  EXPECT_EQ(figures_.itl.p50, std::nullopt);
}

TEST_F(ProgressHistoryTest, QuantilesAreOfTheLastTenSeconds) {
  Spans(LiveSpan::kItl, seconds(1), 1000);
  for (int second = 1; second <= 10; ++second) At(seconds(second));
  EXPECT_NEAR(ToSeconds(*figures_.itl.p50), 1, 0.05);
  Spans(LiveSpan::kItl, milliseconds(20), 98);
  Spans(LiveSpan::kItl, milliseconds(80), 2);
  At(seconds(11));
  EXPECT_NEAR(ToSeconds(*figures_.itl.p50), 0.020, 0.001);
  EXPECT_NEAR(ToSeconds(*figures_.itl.p99), 0.080, 0.004);
}

TEST_F(ProgressHistoryTest, ForeseesTheEndByTheRequestsThatEnded) {
  Count(LiveCounter::kCompleted) = 25;
  EXPECT_EQ(At(seconds(3)).left, seconds(9));
  EXPECT_EQ(At(seconds(4)).left, seconds(8)) << "none was due in between";
  Count(LiveCounter::kCompleted) = 50;
  EXPECT_EQ(At(seconds(6)).left, seconds(6));
  EXPECT_EQ(At(seconds(13)).left, seconds(13)) << "later than foreseen";
}

TEST_F(ProgressHistoryTest, ForeseesTheEndByTheDurationIfThatIsSooner) {
  Expect({.requests = 100, .duration = seconds(10)});
  EXPECT_EQ(At(seconds(1)).left, std::nullopt) << "warm-up does not count";
  Measure(seconds(1));
  EXPECT_EQ(At(seconds(2)).left, seconds(9));
  EXPECT_EQ(figures_.over, 0.1);
  Count(LiveCounter::kCompleted) = 75;
  EXPECT_EQ(At(seconds(3)).left, seconds(1));
}

TEST_F(ProgressHistoryTest, CannotForeseeHowLongTheLastTake) {
  Expect({.duration = seconds(10)});
  reading_.phase = RunPhase::kDrain;
  reading_.elapsed = seconds(11);
  Count(LiveCounter::kStarted) = 4;
  EXPECT_EQ(At(seconds(11)).left, std::nullopt);
  EXPECT_EQ(figures_.over, 1);
}

TEST_F(ProgressHistoryTest, ManyCoalescedEventsMeanThatTheClientIsSlow) {
  Count(LiveCounter::kEvents) = 100;
  Count(LiveCounter::kCoalesced) = 5;
  EXPECT_EQ(At(seconds(1)).coalesced, 0.05);
  EXPECT_EQ(figures_.limit, "");
  Count(LiveCounter::kCoalesced) = 6;
  EXPECT_EQ(At(seconds(1)).limit, "it reads too late");
}

TEST_F(ProgressHistoryTest, SendingBesideTtftMeansThatTheClientIsSlow) {
  Spans(LiveSpan::kTtft, milliseconds(200), 10);
  Spans(LiveSpan::kSendDelay, milliseconds(2), 10);
  EXPECT_EQ(At(seconds(1)).limit, "");
  Spans(LiveSpan::kSendDelay, milliseconds(50), 1);
  EXPECT_EQ(At(seconds(1)).limit, "sending takes above 5 % of TTFT");
}

TEST_F(ProgressHistoryTest, ABusyLoopMeansThatTheClientIsSlow) {
  reading_.busy = {milliseconds(800)};
  EXPECT_EQ(At(seconds(1)).limit, "");
  reading_.busy = {milliseconds(1900)};
  EXPECT_EQ(At(seconds(2)).limit, "a loop is busy 95 % of the time");
}

}  // namespace
}  // namespace sseprof::progress_figures_test
