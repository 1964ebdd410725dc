#include "plots/run_plotter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "unit/record_builder.h"

namespace sseprof::run_plotter_test {
namespace {

using namespace std::chrono_literals;

RunContext Context(int concurrency = 2) {
  RunContext context;
  context.concurrency = concurrency;
  context.origin = Instant{100s};
  return context;
}

RequestRecord Answer(std::int64_t n, Nanos start, int events = 101, Nanos gap = 10ms) {
  return RecordBuilder(n).Start(100s + start).Outputs(events, 50ms, gap).Done(60s).Build();
}

RunPlots Plot(const std::vector<RequestRecord>& records, const RunContext& context = Context()) {
  SummaryBuilder builder(context);
  RunPlotter plotter(context);
  for (const RequestRecord& record : records) {
    builder.Add(record);
    plotter.Add(record);
  }
  return plotter.Finish(builder.Finish(nullptr));
}

TEST(RunPlotter, AnEmptyRunHasNothingToDraw) {
  const RunPlots plots = Plot({});
  EXPECT_EQ(plots.gaps.count(), 0u);
  EXPECT_TRUE(plots.ttft_s.empty());
  EXPECT_TRUE(plots.gaps_over_time.bins.empty());
  EXPECT_TRUE(plots.tokens_over_time.per_s.empty());
  EXPECT_TRUE(plots.requests.bars.empty());
  EXPECT_FALSE(plots.pauses);
  EXPECT_EQ(plots.from_s, 0);
  EXPECT_EQ(plots.to_s, 0);
}

TEST(RunPlotter, SecondZeroIsTheFirstMeasuredStart) {
  RequestRecord warmup = Answer(0, 0s);
  warmup.warmup = true;
  const RunPlots plots = Plot({Answer(1, 3s), warmup});
  EXPECT_DOUBLE_EQ(plots.from_s, -3);
  EXPECT_DOUBLE_EQ(plots.to_s, 60);
  EXPECT_DOUBLE_EQ(plots.requests.bars[0].start_s, -3);
  EXPECT_DOUBLE_EQ(plots.requests.bars[1].start_s, 0);
}

TEST(RunPlotter, DistributionsHoldGoodMeasuredRequestsAlone) {
  RequestRecord warmup = Answer(0, 0s), failed = Answer(1, 0s);
  warmup.warmup = true;
  failed.outcome = Outcome::kTruncated;
  const RunPlots plots = Plot({warmup, failed, Answer(2, 1s)});
  EXPECT_EQ(plots.gaps.count(), 100u);
  EXPECT_EQ(plots.ttft_s, std::vector<double>{0.05});
  EXPECT_EQ(plots.latency_s, std::vector<double>{60});
  ASSERT_EQ(plots.tpot_s.size(), 1u);
  EXPECT_NEAR(plots.tpot_s[0], 0.010, 1e-12);
  EXPECT_EQ(plots.failed_all, 1u);
  EXPECT_EQ(plots.positions.columns.size(), 100u);
}

TEST(RunPlotter, GapsOverTimeStandWhereTheyEnded) {
  std::vector<RequestRecord> records;
  for (int n = 0; n < 20; ++n) {
    // the second half of the run has gaps twice as long
    records.push_back(Answer(n, n * 1s, 101, n < 10 ? 10ms : 20ms));
    records.back().end = 1500ms;
  }
  const RunPlots plots = Plot(records, Context(1));
  ASSERT_FALSE(plots.gaps_over_time.bins.empty());
  EXPECT_NEAR(plots.gaps_over_time.bins.front().p50_s, 0.010, 0.0001);
  EXPECT_NEAR(plots.gaps_over_time.bins.back().p50_s, 0.020, 0.0001);
  double gaps = 0;
  for (const QuantileBin& bin : plots.gaps_over_time.bins) gaps += static_cast<double>(bin.count);
  EXPECT_EQ(gaps, 2'000);
}

TEST(RunPlotter, TokensASecondAddUp) {
  const RunPlots plots = Plot({Answer(0, 0s, 1'001)});
  const double width = plots.tokens_over_time.width_s;
  double tokens = 0;
  for (const double rate : plots.tokens_over_time.per_s) tokens += rate * width;
  EXPECT_NEAR(tokens, 1'001, 1e-6);
  EXPECT_DOUBLE_EQ(plots.tokens_over_time.first_at_s, width / 2);
}

TEST(RunPlotter, APauseOfAllStreamsIsSeen) {
  std::vector<RequestRecord> records;
  for (int n = 0; n < 2; ++n) {
    RecordBuilder builder(n);
    builder.Start(100s).Outputs(50, 50ms, 10ms).Outputs(50, 900ms, 10ms).Done(1500ms);
    records.push_back(builder.Build());
  }
  const RunPlots plots = Plot(records);
  ASSERT_TRUE(plots.pauses);
  ASSERT_EQ(plots.pauses->pauses.size(), 1u);
  EXPECT_DOUBLE_EQ(plots.pauses->pauses[0].end_s, 0.9);
  EXPECT_DOUBLE_EQ(plots.pauses->pauses[0].length_s, 0.36);
  EXPECT_EQ(plots.pauses->pauses[0].streams, 2u);
  EXPECT_EQ(plots.requests.bars[1].stalls.size(), 1u);
}

TEST(RunPlotter, WithoutAStreamThereAreLatenciesAndBarsAlone) {
  RunContext context = Context();
  context.stream = false;
  const RunPlots plots = Plot({Answer(0, 0s)}, context);
  EXPECT_EQ(plots.gaps.count(), 0u);
  EXPECT_TRUE(plots.ttft_s.empty());
  EXPECT_TRUE(plots.tokens_over_time.per_s.empty());
  EXPECT_EQ(plots.latency_s.size(), 1u);
  EXPECT_EQ(plots.requests.bars.size(), 1u);
}

TEST(RunPlotter, TheOrderOfRequestsDoesNotMatter) {
  std::vector<RequestRecord> records;
  std::mt19937_64 random(5);
  for (int n = 0; n < 60; ++n) {
    records.push_back(Answer(n, n * 100ms, 20 + static_cast<int>(random() % 80),
                             Nanos{1'000'000 + static_cast<std::int64_t>(random() % 9'000'000)}));
  }
  const RunPlots forth = Plot(records);
  std::shuffle(records.begin(), records.end(), random);
  const RunPlots mixed = Plot(records);
  EXPECT_EQ(forth.ttft_s, mixed.ttft_s);
  ASSERT_EQ(forth.gaps_over_time.bins.size(), mixed.gaps_over_time.bins.size());
  for (std::size_t i = 0; i < forth.gaps_over_time.bins.size(); ++i) {
    EXPECT_EQ(forth.gaps_over_time.bins[i].p99_s, mixed.gaps_over_time.bins[i].p99_s);
  }
  EXPECT_EQ(forth.tokens_over_time.per_s, mixed.tokens_over_time.per_s);
  for (std::size_t i = 0; i < forth.positions.columns.size(); ++i) {
    EXPECT_EQ(forth.positions.columns[i].rows, mixed.positions.columns[i].rows);
  }
  EXPECT_EQ(forth.requests.bars[30].n, mixed.requests.bars[30].n);
}

}  // namespace
}  // namespace sseprof::run_plotter_test
