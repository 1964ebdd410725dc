#include "plots/request_bars.h"

#include <gtest/gtest.h>

#include "unit/record_builder.h"

namespace sseprof::request_bars_test {
namespace {

using namespace std::chrono_literals;

RunContext Slots(int concurrency) {
  RunContext context;
  context.concurrency = concurrency;
  context.origin = Instant{100s};
  return context;
}

TEST(RequestBars, ABarHoldsWhatIsKnownOfARequest) {
  RequestCollector collector(Slots(2));
  RequestRecord record =
      RecordBuilder(3).Start(102s).Output(20ms).Output(30ms).UsageTokens(9, 5).Done(31ms).Build();
  record.ready = Instant{102s - 4ms};
  collector.Add(record);
  const RequestBars bars = collector.Bars({}, 1s);
  ASSERT_EQ(bars.bars.size(), 1u);
  const RequestBar& bar = bars.bars[0];
  EXPECT_EQ(bar.n, 3);
  EXPECT_DOUBLE_EQ(bar.start_s, 1);
  EXPECT_DOUBLE_EQ(*bar.waited_s, 0.004);
  EXPECT_DOUBLE_EQ(*bar.ttft_s, 0.020);
  EXPECT_DOUBLE_EQ(bar.length_s, 0.031);
  EXPECT_EQ(bar.tokens, 5);
  EXPECT_FALSE(bar.warmup);
}

TEST(RequestBars, WaitingCountsFromTheScheduleWhereThereIsOne) {
  RequestCollector collector(Slots(1));
  RequestRecord record = RecordBuilder(0).Start(102s).Output(20ms).Build();
  record.ready = Instant{102s - 4ms};
  record.scheduled = Instant{102s - 9ms};
  collector.Add(record);
  EXPECT_DOUBLE_EQ(*collector.Bars({}, 0s).bars[0].waited_s, 0.009);
}

TEST(RequestBars, AFailedOneReachesToWhatIsLastKnown) {
  RequestCollector collector(Slots(1));
  RequestRecord record = RecordBuilder(0).Start(100s).Output(20ms).Output(50ms).Build();
  record.end.reset();
  record.outcome = Outcome::kTruncated;
  collector.Add(record);
  EXPECT_DOUBLE_EQ(collector.Bars({}, 0s).bars[0].length_s, 0.050);
  EXPECT_FALSE(collector.Bars({}, 0s).bars[0].waited_s);
}

TEST(RequestBars, StandInOrderOfStart) {
  RequestCollector collector(Slots(4));
  for (const int n : {2, 0, 1}) {
    collector.Add(RecordBuilder(n).Start(100s + (3 - n) * 1s).Output(1ms).Build());
  }
  const RequestBars bars = collector.Bars({}, 0s);
  EXPECT_EQ(bars.bars[0].n, 2);
  EXPECT_EQ(bars.bars[2].n, 0);
}

TEST(RequestBars, OfManyWholeWavesAreTaken) {
  RequestCollector collector(Slots(16));
  for (int n = 0; n < 5'000; ++n) {
    collector.Add(RecordBuilder(n).Start(100s + n * 1ms).Output(1ms).Build());
  }
  const RequestBars bars = collector.Bars({}, 0s);
  EXPECT_EQ(bars.requests, 5'000u);
  EXPECT_EQ(bars.every_wave, 3u);
  EXPECT_LE(bars.bars.size(), 2'000u);
  EXPECT_EQ(bars.bars[15].n, 15);
  EXPECT_EQ(bars.bars[16].n, 48);
}

TEST(RequestBars, AStallIsOnItsRequestsBar) {
  RequestCollector collector(Slots(1));
  collector.Add(RecordBuilder(7).Start(101s).Output(20ms).Output(520ms).Build());
  const RequestBars bars =
      collector.Bars({{.length = 500ms, .end = 1s + 520ms, .n = 7, .shared = false},
                      {.length = 900ms, .end = 5s, .n = 8, .shared = false}},
                     0s);
  ASSERT_EQ(bars.bars[0].stalls.size(), 1u);
  EXPECT_NEAR(bars.bars[0].stalls[0].from_s, 0.020, 1e-9);
  EXPECT_DOUBLE_EQ(bars.bars[0].stalls[0].length_s, 0.5);
  EXPECT_EQ(bars.stalls_all, 1u);
}

TEST(RequestBars, OfManyStallsTheLongestAreTaken) {
  RequestCollector collector(Slots(1));
  collector.Add(RecordBuilder(0).Start(100s).Output(1s).Build());
  std::vector<StallCollector::Found> stalls;
  for (int i = 1; i <= 7'000; ++i) stalls.push_back({.length = i * 1ms, .end = i * 10s, .n = 0});
  const RequestBars bars = collector.Bars(stalls, 0s);
  EXPECT_EQ(bars.stalls_all, 7'000u);
  EXPECT_EQ(bars.stalls, 6'000u);
  ASSERT_EQ(bars.bars[0].stalls.size(), 6'000u);
  EXPECT_DOUBLE_EQ(bars.bars[0].stalls[0].length_s, 1.001);
}

TEST(FailedRequests, AreTheFirstByNumberAndNoWarmup) {
  RequestCollector collector(Slots(1));
  for (int n = 150; n > 0; --n) {
    collector.Add(
        RecordBuilder(n).Start(101s).Fail(Outcome::kHttp5xx, "no " + std::to_string(n)).Build());
  }
  collector.Add(RecordBuilder(0).Warmup().Start(101s).Fail(Outcome::kHttp5xx).Build());
  EXPECT_EQ(collector.failed(), 150u);
  const std::vector<FailedRequest> failed = collector.Failed(1s);
  ASSERT_EQ(failed.size(), 100u);
  EXPECT_EQ(failed[0].n, 1);
  EXPECT_EQ(failed[0].message, "no 1");
  EXPECT_EQ(failed[99].n, 100);
  EXPECT_DOUBLE_EQ(failed[0].start_s, 0);
  EXPECT_FALSE(failed[0].after_s);
}

}  // namespace
}  // namespace sseprof::request_bars_test
