#include "live/loop_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "unit/count_allocations.h"
#include "unit/live/loop_metrics_fixture.h"

namespace sseprof::loop_metrics_test {
namespace {

TEST_F(LoopMetricsTest, BeginsAtZero) {
  EXPECT_TRUE(Moved().empty());
  EXPECT_TRUE(Observed().empty());
  EXPECT_EQ(Totals().Failed(), 0);
  EXPECT_EQ(Totals().InFlight(), 0);
  EXPECT_EQ(loop_->first_start(), kNever);
  EXPECT_EQ(loop_->busy(), 0ns);
}

TEST_F(LoopMetricsTest, AStartCountsWithItsLag) {
  RequestRecord record = RecordBuilder(0).Start(5s).Build();
  loop_->OnStart(record);
  EXPECT_EQ(Count(LiveSpan::kScheduleLag), 0);  // it is not known when its slot was free
  record.start += 1s;
  record.ready = record.start - 3ms;
  loop_->OnStart(record);
  EXPECT_EQ(Count(LiveCounter::kStarted), 2);
  EXPECT_EQ(Totals().InFlight(), 2);
  EXPECT_EQ(Count(LiveSpan::kScheduleLag), 1);
  EXPECT_EQ(Sum(LiveSpan::kScheduleLag), 3ms);
  EXPECT_EQ(loop_->first_start(), Instant{5s});
}

TEST_F(LoopMetricsTest, AGoodRequestIsCountedWhole) {
  Tell(Good());
  EXPECT_EQ(Count(LiveCounter::kCompleted), 1);
  EXPECT_EQ(Count(LiveCounter::kWithinSlo), 1);
  EXPECT_EQ(Count(LiveCounter::kEvents), 4);
  EXPECT_EQ(Count(LiveCounter::kTokensCounted), 3);
  EXPECT_EQ(Count(LiveCounter::kTokensReported), 3);
  EXPECT_EQ(Count(LiveCounter::kPromptTokens), 7);
  EXPECT_EQ(Count(LiveCounter::kUsageMismatches), 0);
  EXPECT_EQ(Count(LiveCounter::kUsageMissing), 0);
  EXPECT_EQ(Totals().InFlight(), 0);
  const std::pair<LiveSpan, Nanos> spans[] = {
      {LiveSpan::kTtft, 20ms}, {LiveSpan::kLatency, 45ms}, {LiveSpan::kTpot, 12ms}};
  for (const auto& [span, value] : spans) {
    EXPECT_EQ(Count(span), 1);
    EXPECT_EQ(Sum(span), value);
  }
  EXPECT_EQ(Count(LiveSpan::kItl), 2);
  EXPECT_EQ(Sum(LiveSpan::kItl), 24ms);
}

TEST_F(LoopMetricsTest, SendingAndConnectingAreThoseOfTheDefinitions) {
  Tell(Good().Sent(3ms));
  EXPECT_EQ(Count(LiveSpan::kConnect), 0);  // on a reused connection
  EXPECT_EQ(Sum(LiveSpan::kSendDelay), 3ms);
  Tell(Good().Sent(9ms).Connect(1ms, 5ms));
  EXPECT_EQ(Count(LiveSpan::kConnect), 1);
  EXPECT_EQ(Sum(LiveSpan::kConnect), 4ms);
  EXPECT_EQ(Count(LiveSpan::kSendDelay), 2);
  EXPECT_EQ(Sum(LiveSpan::kSendDelay), 3ms + 5ms);
}

TEST_F(LoopMetricsTest, WhatARequestDoesNotHaveIsNotObserved) {
  Tell(RecordBuilder(1).Output(20ms).Finish("stop").Done(21ms));
  EXPECT_THAT(Observed(), testing::ElementsAre(LiveSpan::kTtft, LiveSpan::kLatency));
}

TEST_F(LoopMetricsTest, ARateOfTokensIsRoundedUpToTheNanosecond) {
  Tell(RecordBuilder(1).Output(0ns).Output(10ns).Output(10ns).Output(10ns).Finish("stop"));
  EXPECT_EQ(Sum(LiveSpan::kTpot), 4ns);  // 10 / 3
}

TEST_F(LoopMetricsTest, EventsCountByHowWellTheirArrivalIsKnown) {
  Tell(RecordBuilder(1)
           .Event(EventKind::kEmpty, 1ms)
           .Output(20ms, 1, 1ns)
           .Output(21ms, 1, 100us)
           .Output(22ms, 1, 100us + 1ns)
           .Event(EventKind::kFinish, 22ms, 0, 3ms)
           .Finish("stop"));
  EXPECT_EQ(Count(LiveCounter::kEvents), 5);
  EXPECT_EQ(Count(LiveCounter::kBundled), 2);
  EXPECT_EQ(Count(LiveCounter::kCoalesced), 2);
  EXPECT_EQ(Count(LiveSpan::kUncertainty), 4);
  EXPECT_EQ(Sum(LiveSpan::kUncertainty), 1ns + 100us + 100us + 1ns + 3ms);
}

TEST_F(LoopMetricsTest, AGapIsSeenWhenTheLoopTellsNext) {
  const RequestRecord record = Good().Build();
  loop_->OnStart(Grown(record, 0));
  const std::int64_t gaps[] = {0, 1, 2, 2};
  for (std::size_t i = 0; i < 4; ++i) {
    const RequestRecord grown = Grown(record, i + 1);
    loop_->OnEvents(grown, i);
    loop_->OnLoop({});
    EXPECT_EQ(Count(LiveSpan::kItl), gaps[i]);
    EXPECT_EQ(Count(LiveCounter::kEvents), i + 1);
    EXPECT_EQ(Count(LiveCounter::kTokensCounted), std::min<std::int64_t>(i + 1, 3));
  }
  EXPECT_EQ(Totals().InFlight(), 1);
}

TEST_F(LoopMetricsTest, NoGapIsLostHoweverManyComeAtATime) {
  RecordBuilder builder(1);
  for (int i = 0; i <= 3'000; ++i) builder.Output(i * 1ms);
  const RequestRecord record = builder.Build();
  loop_->OnEvents(record, 0);
  loop_->OnLoop({});
  EXPECT_EQ(Count(LiveSpan::kItl), 3'000);
  EXPECT_EQ(Sum(LiveSpan::kItl), 3s);
  EXPECT_EQ(Count(LiveCounter::kTokensCounted), 3'001);
}

TEST_F(LoopMetricsTest, EventsOfOneReadCountAsThoseOfMany) {
  const RequestRecord record = Good().Build();
  loop_->OnStart(Grown(record, 0));
  loop_->OnEvents(Grown(record, 1), 0);
  loop_->OnEvents(record, 1);
  loop_->OnFinish(record, 3);
  EXPECT_EQ(Count(LiveCounter::kEvents), 4);
  EXPECT_EQ(Count(LiveCounter::kTokensCounted), 3);
  EXPECT_EQ(Count(LiveSpan::kItl), 2);
  EXPECT_EQ(Sum(LiveSpan::kItl), 24ms);
}

TEST_F(LoopMetricsTest, GapsAreThoseOfEachChoice) {
  RequestRecord record =
      RecordBuilder(1).Output(1ms).Event(EventKind::kVisible, 4ms, 1, 0ns, 1).Output(9ms).Build();
  record.extra_choices = {{.event = 2, .choice = 1}};
  TellLive(*loop_, record);
  EXPECT_EQ(Count(LiveSpan::kItl), 2);
  EXPECT_EQ(Sum(LiveSpan::kItl), 8ms + 5ms);
}

TEST_F(LoopMetricsTest, AFailureCountsByItsReasonAndInNoDistributionButThatOfGaps) {
  for (std::size_t i = 1; i < kOutcomeCount; ++i) {
    SetSlo({});
    Tell(Good().Sent(1ms).Connect(0ms, 1ms).Fail(static_cast<Outcome>(i)));
    const LiveTotals totals = Totals();
    EXPECT_EQ(totals.failures[i], 1);
    EXPECT_EQ(totals.Failed(), 1);
    EXPECT_EQ(totals.InFlight(), 0);
    EXPECT_THAT(Observed(), testing::ElementsAre(LiveSpan::kItl));
    EXPECT_THAT(Moved(), testing::ElementsAre(LiveCounter::kEvents, LiveCounter::kTokensCounted,
                                              LiveCounter::kStarted));
  }
}

TEST_F(LoopMetricsTest, WarmupEntersNothingButItsOwnCounts) {
  RequestRecord record = Good().Warmup().Sent(1ms).Connect(0ms, 1ms).Build();
  record.ready = record.start - 1ms;
  record.events[0].width = 1ms;
  TellLive(*loop_, record);
  record.outcome = Outcome::kStalled;
  TellLive(*loop_, record);
  EXPECT_THAT(Moved(),
              testing::ElementsAre(LiveCounter::kWarmupFinished, LiveCounter::kWarmupStarted));
  EXPECT_EQ(Count(LiveCounter::kWarmupStarted), 2);
  EXPECT_EQ(Count(LiveCounter::kWarmupFinished), 2);
  EXPECT_TRUE(Observed().empty());
  EXPECT_EQ(Totals().Failed(), 0);
  EXPECT_EQ(loop_->first_start(), kNever);
}

TEST_F(LoopMetricsTest, AGuessOfTokensIsMendedAtTheEndInBothDirections) {
  const RequestRecord record = Good().Build();
  const auto expect = [this](std::int64_t counted, std::int64_t owed) {
    EXPECT_EQ(Count(LiveCounter::kTokensCounted), counted);
    EXPECT_EQ(Count(LiveCounter::kTokensOwed), owed);
  };
  TellLive(*loop_, record, {0, 0, 1, 0});
  expect(3, 0);
  TellLive(*loop_, record, {5, 1, 1, 0});
  expect(10, 4);
  TellLive(*loop_, record, {0, 0, 1, 0});  // pays three of the four
  expect(10, 1);
  RequestRecord failed = record;
  failed.outcome = Outcome::kTimeout;
  TellLive(*loop_, failed, {9, 9, 9, 0});
  expect(36, 24);
}

TEST_F(LoopMetricsTest, ARunThatIsSentAgainBeginsWithTheSecondSending) {
  const auto start = [](Nanos at, bool resent) {
    RequestRecord record = RecordBuilder(0).Start(at).Build();
    record.resent = resent;
    return record;
  };
  loop_->OnStart(start(1s, false));
  loop_->OnStart(start(2s, true));
  loop_->OnStart(start(3s, true));
  EXPECT_EQ(loop_->first_start(), Instant{2s});
  EXPECT_EQ(Count(LiveCounter::kStarted), 1);
}

TEST_F(LoopMetricsTest, WhatIsRefusedLaterDoesNotMoveTheBegin) {
  RequestRecord record = RecordBuilder(0).Start(1s).Build();
  loop_->OnStart(record);
  loop_->OnFinish(record, 0);
  record = RecordBuilder(1).Start(2s).Build();
  record.resent = true;
  loop_->OnStart(record);
  EXPECT_EQ(loop_->first_start(), Instant{1s});
}

TEST_F(LoopMetricsTest, UsageIsComparedWithTheCountedTokens) {
  Tell(Good());
  Tell(Good().UsageTokens(7, 4));
  EXPECT_EQ(Count(LiveCounter::kUsageMismatches), 1);
  EXPECT_EQ(Count(LiveCounter::kUsageMissing), 0);
  EXPECT_EQ(Count(LiveCounter::kTokensReported), 3 + 4);
  EXPECT_EQ(Count(LiveCounter::kPromptTokens), 14);
}

TEST_F(LoopMetricsTest, UsageIsMissingWithoutItOrWithoutItsCompletionTokens) {
  RequestRecord record = Good().Build();
  record.usage->completion_tokens.reset();
  TellLive(*loop_, record);
  record.usage.reset();
  TellLive(*loop_, record);
  EXPECT_EQ(Count(LiveCounter::kUsageMissing), 2);
  EXPECT_EQ(Count(LiveCounter::kUsageMismatches), 0);
  EXPECT_EQ(Count(LiveCounter::kPromptTokens), 7);
}

TEST_F(LoopMetricsTest, WithoutAStreamNoUsageIsMissingOrDiffers) {
  Tell(RecordBuilder(1).End(45ms).Finish("stop"));
  Tell(RecordBuilder(2).End(45ms).Finish("stop").UsageTokens(7, 3));
  EXPECT_EQ(Count(LiveCounter::kUsageMissing), 0);
  EXPECT_EQ(Count(LiveCounter::kUsageMismatches), 0);
  EXPECT_EQ(Count(LiveCounter::kTokensReported), 3);
  EXPECT_THAT(Observed(), testing::ElementsAre(LiveSpan::kLatency));
}

TEST_F(LoopMetricsTest, OnlyWhatKeepsEveryObjectiveIsWithinThem) {
  const std::pair<Slo, std::int64_t> cases[] = {{{.ttft = 20ms, .tpot = 12ms, .latency = 45ms}, 1},
                                                {{.ttft = 20ms - 1ns}, 0},
                                                {{.tpot = 12ms - 1ns}, 0},
                                                {{.latency = 45ms - 1ns}, 0},
                                                {{.ttft = 20ms, .latency = 44ms}, 0},
                                                {{}, 1}};
  for (const auto& [slo, within] : cases) {
    SetSlo(slo);
    Tell(Good());
    EXPECT_EQ(Count(LiveCounter::kWithinSlo), within);
    EXPECT_EQ(Count(LiveCounter::kCompleted), 1);
  }
  SetSlo({.tpot = 1ns});
  Tell(RecordBuilder(1).Output(20ms).Finish("stop").Done(21ms));
  EXPECT_EQ(Count(LiveCounter::kWithinSlo), 1);  // one token has no TPOT
}

TEST_F(LoopMetricsTest, KeepsWhatTheLoopTells) {
  const Nanos delays[] = {3us, 4us};
  loop_->OnLoop({.delays = delays, .received = 100, .sent = 20, .opened = 2, .busy = 7ms});
  loop_->OnLoop({.received = 50, .closed = 1, .busy = 1ms, .lag = 2ms});
  EXPECT_EQ(Count(LiveCounter::kReceivedBytes), 150);
  EXPECT_EQ(Count(LiveCounter::kSentBytes), 20);
  EXPECT_EQ(Count(LiveCounter::kConnectionsOpened), 2);
  EXPECT_EQ(Count(LiveCounter::kConnectionsClosed), 1);
  EXPECT_EQ(loop_->busy(), 8ms);
  EXPECT_THAT(Observed(), testing::ElementsAre(LiveSpan::kClientDelay, LiveSpan::kLoopLag));
  EXPECT_EQ(Count(LiveSpan::kClientDelay), 2);
  EXPECT_EQ(Sum(LiveSpan::kClientDelay), 7us);
  EXPECT_EQ(Count(LiveSpan::kLoopLag), 1);
  EXPECT_EQ(Sum(LiveSpan::kLoopLag), 2ms);
}

TEST_F(LoopMetricsTest, SeveralLoopsAddUp) {
  LoopMetrics other(edges_, {});
  Tell(Good());
  TellLive(other, Good().Build());
  TellLive(other, Good().Fail(Outcome::kTls).Build());
  other.OnStart(Good().Build());
  LiveTotals totals = Totals();
  other.AddTo(totals);
  EXPECT_EQ(totals[LiveCounter::kStarted], 4);
  EXPECT_EQ(totals[LiveCounter::kCompleted], 2);
  EXPECT_EQ(totals.failures[static_cast<std::size_t>(Outcome::kTls)], 1);
  EXPECT_EQ(totals.InFlight(), 1);
  EXPECT_EQ(totals[LiveSpan::kItl].Count(), 6);
  EXPECT_EQ(totals[LiveSpan::kItl].sum, 72ms);
}

TEST_F(LoopMetricsTest, TheClientsSpansHaveTheCoarseEdges) {
  const LiveTotals totals = Totals();
  for (int i = 0; i < static_cast<int>(LiveSpan::kSize); ++i) {
    const auto span = static_cast<LiveSpan>(i);
    const bool server = span == LiveSpan::kTtft || span == LiveSpan::kItl ||
                        span == LiveSpan::kLatency || span == LiveSpan::kTpot;
    EXPECT_EQ(totals[span].edges, server ? &edges_.server : &edges_.client) << i;
  }
}

#ifdef SSEPROF_COUNTS_ALLOCATIONS
TEST_F(LoopMetricsTest, NothingAllocates) {
  const RequestRecord record = Good().Build();
  EXPECT_EQ(AllocationsOf([&] {
              loop_->OnStart(record);
              loop_->OnEvents(record, 0);
              loop_->OnFinish(record, 3);
              loop_->OnLoop({.received = 1, .busy = 1ms, .lag = 1ms});
            }),
            0);
}
#endif

}  // namespace
}  // namespace sseprof::loop_metrics_test
