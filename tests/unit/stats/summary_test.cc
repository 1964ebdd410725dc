#include "sseprof/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "../record_builder.h"

namespace sseprof::summary_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr Nanos kOrigin = 1000s;

RunContext Context(int concurrency = 2) {
  RunContext context;
  context.concurrency = concurrency;
  context.max_tokens = 256;
  context.origin = Instant{kOrigin};
  return context;
}

Summary Summarize(const RunContext& context, const std::vector<RequestRecord>& records,
                  const RunEnd& end = {}) {
  SummaryBuilder builder(context);
  for (const RequestRecord& record : records) builder.Add(record);
  return builder.Finish(&end);
}

/// A good answer of 4 tokens: 20, 30, 40, 50 ms after its start.
RecordBuilder Answer(std::int64_t n, Nanos start) {
  return RecordBuilder(n)
      .Start(kOrigin + start)
      .Sent(1ms)
      .Outputs(4, 20ms, 10ms)
      .Finish("length")
      .Done(51ms)
      .UsageTokens(100, 4);
}

std::vector<std::string> Codes(const Summary& summary) {
  std::vector<std::string> codes;
  for (const Warning& warning : summary.warnings) codes.push_back(warning.code);
  return codes;
}

TEST(Summary, StartLagOfGoodMeasuredRequests) {
  RequestRecord good = Answer(0, 10ms).Build();
  good.ready = good.start - 4ms;
  RequestRecord failed = Answer(1, 10ms).Fail(Outcome::kTruncated).Build();
  failed.ready = failed.start - 9ms;
  RequestRecord warmup = Answer(2, 10ms).Warmup().Build();
  warmup.ready = warmup.start - 9ms;
  const Summary s = Summarize(Context(), {good, failed, warmup});
  EXPECT_EQ(s.start_lag.count, 1u);
  EXPECT_NEAR(*s.start_lag.p50, 0.004, 4e-6);
}

TEST(Summary, OfGoodRequests) {
  const Summary s = Summarize(
      Context(), {Answer(0, 0ms).Build(), Answer(1, 0ms).Build(), Answer(2, 60ms).Build()});
  EXPECT_EQ(s.ok, 3u);
  EXPECT_EQ(s.errors, 0u);
  EXPECT_EQ(s.requests, 3);
  EXPECT_DOUBLE_EQ(*s.total_time_s, 0.111);
  EXPECT_DOUBLE_EQ(*s.qps, 3 / 0.111);
  EXPECT_DOUBLE_EQ(*s.ttft.p50, 0.020);
  EXPECT_DOUBLE_EQ(*s.latency.max, 0.051);
  EXPECT_DOUBLE_EQ(*s.send_delay.p99, 0.001);
  EXPECT_EQ(s.itl.count, 9u);
  EXPECT_DOUBLE_EQ(*s.itl.mean, 0.010);
  EXPECT_EQ(s.itl.max_request, 0);
  EXPECT_EQ(s.itl.max_request_id, "run-0");
  EXPECT_DOUBLE_EQ(*s.tpot.p50, 0.010);
  EXPECT_EQ(s.tpot_exact, 3u);
  EXPECT_DOUBLE_EQ(*s.decode_tps_per_request.p50, 100);
  EXPECT_DOUBLE_EQ(*s.prompt_tokens_mean, 100);
  EXPECT_DOUBLE_EQ(*s.completion_tokens_mean, 4);
  EXPECT_DOUBLE_EQ(*s.decode_tps, 12 / 0.111);
  EXPECT_DOUBLE_EQ(*s.ms_per_output_token, 51.0 / 4);
  EXPECT_EQ(s.usage_check->exact, 3u);
  EXPECT_EQ(s.client->exact, 15u);
  EXPECT_FALSE(s.interrupted);
  EXPECT_THAT(Codes(s), ElementsAre("few_samples"));
}

TEST(Summary, OfNothingKnowsNothing) {
  const Summary s = Summarize(Context(), {});
  EXPECT_EQ(s.ok, 0u);
  EXPECT_FALSE(s.total_time_s);
  EXPECT_FALSE(s.qps);
  EXPECT_FALSE(s.latency.p50);
  EXPECT_FALSE(s.stalls.count);
  EXPECT_FALSE(s.steady_state);
  EXPECT_THAT(s.warnings, IsEmpty());
}

TEST(Summary, FailuresAreCountedAndStayOutOfDistributions) {
  const RequestRecord cut = RecordBuilder(1)
                                .Start(kOrigin)
                                .Outputs(3, 5ms, 1ms)
                                .Fail(Outcome::kTruncated)
                                .Closed(300ms)
                                .End(300ms)
                                .Build();
  const RequestRecord refused =
      RecordBuilder(2).Start(kOrigin).Fail(Outcome::kHttp429).Closed(400ms).Build();
  const Summary s = Summarize(Context(), {Answer(0, 0ms).Build(), cut, refused});
  EXPECT_EQ(s.ok, 1u);
  EXPECT_EQ(s.errors, 2u);
  EXPECT_THAT(s.failures, ElementsAre(Pair("http_429", 1u), Pair("truncated", 1u)));
  EXPECT_DOUBLE_EQ(*s.total_time_s, 0.4) << "a failed request's end counts in the window";
  EXPECT_EQ(s.latency.count, 1u);
  EXPECT_EQ(s.itl.count, 3u);
  EXPECT_EQ(s.itl.count_all, 5u);
  EXPECT_EQ(s.usage_check->tokens_counted, 4);
  EXPECT_EQ(s.usage_check->tokens_counted_all, 7);
}

TEST(Summary, WarmUpIsNeverInTheNumbers) {
  RunContext context = Context(1);
  context.warmup_requests = 1;
  const Summary s = Summarize(context, {Answer(0, 0ms).Closed(90ms).Warmup().Build(),
                                        Answer(1, 60ms).Build(), Answer(2, 120ms).Build()});
  EXPECT_EQ(s.ok, 2u);
  EXPECT_EQ(s.itl.count, 6u);
  EXPECT_DOUBLE_EQ(*s.total_time_s, 0.111);
  ASSERT_TRUE(s.steady_state);
  EXPECT_DOUBLE_EQ(s.steady_state->start_s, -0.040) << "warm-up marks the window's start";
  EXPECT_DOUBLE_EQ(s.steady_state->end_s, 0.080);
  EXPECT_EQ(s.steady_state->requests, 2u);
  EXPECT_THAT(Codes(s), ElementsAre("few_samples", "warmup_overlap"));
}

TEST(Summary, AnInterruptedRunLastsUntilTheInterrupt) {
  RunContext context = Context();
  context.requests = 64;
  RunEnd end;
  end.interrupted_at = Instant{kOrigin + 2s};
  const Summary s = Summarize(context, {Answer(0, 0ms).Build()}, end);
  EXPECT_TRUE(s.interrupted);
  EXPECT_DOUBLE_EQ(*s.total_time_s, 2.0);
  EXPECT_EQ(s.requests, 64);
  EXPECT_THAT(Codes(s), ElementsAre("few_samples", "interrupted"));
}

TEST(Summary, WithoutAnEndMarkTheClientIsUnknown) {
  SummaryBuilder builder(Context());
  builder.Add(Answer(0, 0ms).Build());
  const Summary s = builder.Finish(nullptr);
  EXPECT_FALSE(s.client);
  EXPECT_TRUE(s.interrupted);
  EXPECT_THAT(Codes(s), ElementsAre("few_samples", "no_end_mark"));
}

TEST(Summary, UncertainArrivalsWidenTheBoundsOfTheGaps) {
  const RequestRecord record = RecordBuilder(0)
                                   .Start(kOrigin)
                                   .Output(10ms)
                                   .Output(20ms, 1, 4ms)
                                   .Output(30ms)
                                   .Output(40ms, 1, 50us)
                                   .Output(50ms)
                                   .Finish("length")
                                   .Build();
  const Summary s = Summarize(Context(), {record});
  EXPECT_EQ(s.itl.count, 4u);
  EXPECT_DOUBLE_EQ(*s.itl.uncertain_share, 0.5) << "50 us are within what a server bundles";
  EXPECT_DOUBLE_EQ(*s.itl.p50, 0.010);
  EXPECT_NEAR(*s.itl.low.at("p50"), 0.009975, 0.009975 * 0.0005);
  EXPECT_NEAR(*s.itl.high.at("p999"), 0.013988, 0.013988 * 0.0005);
  EXPECT_EQ(s.stalls.count, 0u);
  EXPECT_EQ(s.client->coalesced, 1u);
  EXPECT_EQ(s.client->bundled, 1u);
}

TEST(Summary, NewConnectionsAreCountedAndTheirConnectTaken) {
  const RequestRecord cold = Answer(0, 0ms).Connect(1ms, 4ms).Build();
  const Summary s = Summarize(Context(), {cold, Answer(1, 0ms).Build()});
  EXPECT_EQ(s.ttft_cold_count, 1u);
  EXPECT_EQ(s.connect.count, 1u);
  EXPECT_DOUBLE_EQ(*s.connect.p50, 0.003);
  EXPECT_THAT(Codes(s), ElementsAre("few_samples", "cold_and_warm"));
}

TEST(Summary, StreamsThatMoveTogetherDoNotMakeAQuantileStrong) {
  std::vector<RequestRecord> together, apart;
  for (int n = 0; n < 100; ++n) {
    RecordBuilder builder(n);
    builder.Outputs(20, 20ms, 10ms).Finish("length").UsageTokens(1, 20);
    together.push_back(builder.Start(kOrigin).Build());
    apart.push_back(builder.Start(kOrigin + n * 1s).Build());
  }
  EXPECT_THAT(Summarize(Context(), together).itl.weak,
              ElementsAre("p50", "p90", "p95", "p99", "p999"));
  EXPECT_THAT(Summarize(Context(), apart).itl.weak, ElementsAre("p999"));
  EXPECT_THAT(Summarize(Context(), apart).latency.weak, ElementsAre("p999"));
}

TEST(Summary, TpotIsJudgedUpToTheLastOutputAndLatencyUpToTheEnd) {
  std::vector<RequestRecord> records;
  for (const Nanos start : {0ms, 4200ms}) {
    records.push_back(RecordBuilder(static_cast<std::int64_t>(records.size()))
                          .Start(kOrigin + start)
                          .Outputs(2, 20ms, 580ms)
                          .Finish("length")
                          .Done(1s)
                          .Build());
  }
  const Summary s = Summarize(Context(), records);
  EXPECT_THAT(s.latency.weak, ElementsAre("p90", "p95", "p99", "p999")) << "5.2 s of 1 s each";
  EXPECT_THAT(s.tpot.weak, ElementsAre("p50", "p90", "p95", "p99", "p999")) << "4.8 s";
}

TEST(Summary, WithoutAStreamThereIsNothingThatNeedsOne) {
  RunContext context = Context(1);
  context.stream = false;
  std::vector<RequestRecord> records;
  records.reserve(3);
  for (int n = 0; n < 3; ++n) {
    records.push_back(RecordBuilder(n)
                          .Start(kOrigin + n * 60ms)
                          .Sent(1ms)
                          .UsageTokens(100, 256)
                          .Finish("length")
                          .End(50ms)
                          .Build());
  }
  const Summary s = Summarize(context, records);
  EXPECT_DOUBLE_EQ(*s.latency.p50, 0.050);
  EXPECT_DOUBLE_EQ(*s.completion_tokens_mean, 256);
  EXPECT_FALSE(s.ttft.p50);
  EXPECT_EQ(s.itl.count, 0u);
  EXPECT_FALSE(s.itl.uncertain_share) << "a share of nothing";
  EXPECT_FALSE(s.tpot.p50);
  EXPECT_FALSE(s.stalls.count);
  EXPECT_FALSE(s.steady_state);
  EXPECT_FALSE(s.usage_check);
  EXPECT_THAT(s.warnings, IsEmpty());
  for (const Distribution* empty :
       {&s.ttft, static_cast<const Distribution*>(&s.itl), &s.tpot, &s.decode_tps_per_request}) {
    EXPECT_THAT(empty->weak, ElementsAre("p50", "p90", "p95", "p99", "p999"));
  }
}

TEST(Summary, ASlowFirstBurstIsSeen) {
  std::vector<RequestRecord> records;
  records.reserve(12);
  for (int n = 0; n < 12; ++n) {
    records.push_back(RecordBuilder(n)
                          .Start(kOrigin + n * 1s)
                          .Outputs(2, n < 2 ? 31ms : 20ms, 10ms)
                          .Finish("length")
                          .UsageTokens(1, 2)
                          .Build());
  }
  EXPECT_THAT(Codes(Summarize(Context(), records)), ElementsAre("few_samples", "slow_start"));
}

TEST(Summary, AnswersThatEndByThemselvesAreShort) {
  EXPECT_THAT(Codes(Summarize(Context(), {RecordBuilder(0)
                                              .Start(kOrigin)
                                              .Outputs(4, 20ms, 10ms)
                                              .Finish("stop")
                                              .UsageTokens(1, 4)
                                              .Build()})),
              ElementsAre("few_samples", "short_answers"));
}

}  // namespace
}  // namespace sseprof::summary_test
