#include "compare/run_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sseprof/summary.h"
#include "unit/record_builder.h"

namespace sseprof::run_samples_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr Nanos kOrigin = 1000s;

RunContext ContextOf(int concurrency, std::int64_t warmup) {
  RunContext context;
  context.concurrency = concurrency;
  context.warmup_requests = warmup;
  context.origin = Instant{kOrigin};
  return context;
}

RequestRecord Streamed(std::int64_t n, Nanos start, Nanos ttft) {
  return RecordBuilder(n)
      .Start(kOrigin + start)
      .Outputs(4, ttft, 10ms)
      .Finish("length")
      .UsageTokens(100, 4)
      .Build();
}

/// One warm-up request, then five on three slots.
std::vector<RequestRecord> Records() {
  std::vector<RequestRecord> records;
  records.push_back(RecordBuilder(0).Start(kOrigin).Outputs(4, 5ms, 10ms).Warmup().Build());
  for (int n = 1; n <= 5; ++n) records.push_back(Streamed(n, n * 100ms, (20 + n) * 1ms));
  records.push_back(RecordBuilder(6)
                        .Start(kOrigin + 600ms)
                        .Outputs(2, 9ms, 1ms)
                        .Fail(Outcome::kTruncated)
                        .Build());
  return records;
}

RunSamples SamplesOf(const RunContext& context, const std::vector<RequestRecord>& records) {
  SummaryBuilder builder(context);
  RunSampler sampler(context);
  for (const RequestRecord& record : records) {
    builder.Add(record);
    sampler.Add(record);
  }
  return sampler.Finish(builder.Finish(nullptr));
}

std::vector<double> ValuesOf(const Sample& sample) {
  std::vector<double> values;
  for (const Observation& o : sample.observations()) values.push_back(o.value);
  return values;
}

std::vector<Nanos> InstantsOf(const Sample& sample) {
  std::vector<Nanos> instants;
  for (const Observation& o : sample.observations()) instants.push_back(o.at);
  return instants;
}

TEST(RunSampler, TellsTheClientsOwnBurstApart) {
  const RunSamples samples = SamplesOf(ContextOf(3, 1), Records());
  EXPECT_THAT(samples.burst_ttft, ElementsAre(21e6, 22e6));
  EXPECT_THAT(ValuesOf(samples.ttft), ElementsAre(23e6, 24e6, 25e6));
}

TEST(RunSampler, KeepsTheBurstWhereThereIsNothingElse) {
  const RunSamples samples = SamplesOf(ContextOf(16, 1), Records());
  EXPECT_TRUE(samples.burst_ttft.empty());
  EXPECT_EQ(samples.ttft.size(), 5u);
}

TEST(RunSampler, CountsInstantsFromTheFirstMeasuredStart) {
  const RunSamples samples = SamplesOf(ContextOf(3, 1), Records());
  EXPECT_THAT(InstantsOf(samples.ttft), ElementsAre(223ms, 324ms, 425ms));
  EXPECT_EQ(samples.itl.duration(), 455ms);
  EXPECT_THAT(InstantsOf(samples.latency), ElementsAre(51ms, 152ms, 253ms, 354ms, 455ms));
  EXPECT_EQ(InstantsOf(samples.tpot), InstantsOf(samples.latency));
}

TEST(RunSampler, HoldsGoodMeasuredRequestsAndTheTokensOfAll) {
  const RunSamples samples = SamplesOf(ContextOf(3, 1), Records());
  EXPECT_EQ(samples.itl.size(), 15u);
  EXPECT_THAT(ValuesOf(samples.latency), ElementsAre(51e6, 52e6, 53e6, 54e6, 55e6));
  EXPECT_THAT(ValuesOf(samples.tpot), testing::Each(10e6));
  EXPECT_EQ(samples.tokens.size(), 4 + 5 * 4 + 2u);
  EXPECT_EQ(samples.tpot.span(), 53ms);
}

TEST(RunSampler, GivesEventsTheirShareOfTheTokensThatOnlyUsageTells) {
  const RequestRecord batched =
      RecordBuilder(0).Start(kOrigin).Outputs(4, 5ms, 40ms).UsageTokens(10, 14).Build();
  RequestRecord exact = batched;
  exact.tokens_from = TokenSource::kIds;
  RequestRecord untold = batched;
  untold.usage.reset();
  const auto tokens_of = [](const RequestRecord& record) {
    std::vector<double> tokens;
    for (const Observation& o : SamplesOf(ContextOf(1, 0), {record}).tokens) {
      tokens.push_back(o.value);
    }
    return tokens;
  };
  EXPECT_THAT(tokens_of(batched), ElementsAre(3.5, 3.5, 3.5, 3.5));
  EXPECT_THAT(tokens_of(exact), ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(tokens_of(untold), ElementsAre(1, 1, 1, 1));
}

TEST(RunSampler, TakesTheSteadyWindowOfTheSummary) {
  const RunSamples samples = SamplesOf(ContextOf(3, 1), Records());
  // From the first output of the third request, warm-up counted, to that of the last one sent.
  EXPECT_EQ(samples.steady_from, 122ms);
  EXPECT_EQ(samples.steady_until, 509ms);
  const RunSamples all = SamplesOf(ContextOf(16, 1), Records());
  EXPECT_EQ(all.steady_from, 0ms);
  EXPECT_EQ(all.steady_until, 455ms);
}

TEST(RunSampler, TheSteadyWindowHoldsNothingOfTheWarmUp) {
  std::vector<RequestRecord> records;
  for (int n = 0; n < 4; ++n) {
    RecordBuilder builder(n);
    builder.Start(kOrigin + n * 100ms).Outputs(4, 20ms, 10ms).Finish("length");
    records.push_back(n < 2 ? builder.Warmup().Build() : builder.Build());
  }
  // The second of two streams, itself of the warm-up, had its first token at -80 ms.
  const RunSamples samples = SamplesOf(ContextOf(2, 2), records);
  EXPECT_EQ(samples.steady_from, 20ms);
  EXPECT_EQ(samples.steady_until, 120ms);
}

TEST(RunSampler, SharesCachedTokensOfRequestsThatSayBoth) {
  std::vector<RequestRecord> records = Records();
  EXPECT_EQ(SamplesOf(ContextOf(3, 1), records).cached_share, std::nullopt);
  records[1].usage->cached_tokens = 50;
  records[2].usage->cached_tokens = 0;
  EXPECT_EQ(SamplesOf(ContextOf(3, 1), records).cached_share, 0.25);
}

TEST(RunSampler, DoesNotDependOnTheOrderOfRecords) {
  std::vector<RequestRecord> records = Records();
  const RunSamples forwards = SamplesOf(ContextOf(3, 1), records);
  std::reverse(records.begin(), records.end());
  const RunSamples backwards = SamplesOf(ContextOf(3, 1), records);
  EXPECT_EQ(ValuesOf(forwards.itl), ValuesOf(backwards.itl));
  EXPECT_EQ(InstantsOf(forwards.ttft), InstantsOf(backwards.ttft));
  EXPECT_EQ(forwards.burst_ttft, backwards.burst_ttft);
}

TEST(RunSampler, BearsARunOfWarmUpAlone) {
  std::vector<RequestRecord> records = Records();
  records.resize(1);
  const RunSamples samples = SamplesOf(ContextOf(3, 1), records);
  EXPECT_TRUE(samples.itl.empty());
  EXPECT_TRUE(samples.ttft.empty());
  EXPECT_EQ(samples.tokens.size(), 4u);
}

}  // namespace
}  // namespace sseprof::run_samples_test
