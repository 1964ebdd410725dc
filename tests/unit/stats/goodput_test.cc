#include <gtest/gtest.h>

#include <vector>

#include "../record_builder.h"
#include "sseprof/summary.h"

namespace sseprof::goodput_test {
namespace {

using namespace std::chrono_literals;

constexpr Nanos kOrigin = 1000s;

RunContext Context(const Slo& slo) {
  RunContext context;
  context.slo = slo;
  context.origin = Instant{kOrigin};
  return context;
}

Summary Summarize(const RunContext& context, const std::vector<RequestRecord>& records) {
  SummaryBuilder builder(context);
  for (const RequestRecord& record : records) builder.Add(record);
  return builder.Finish(nullptr);
}

/// A good answer of 4 tokens: 20, 30, 40, 50 ms after its start.
RecordBuilder Answer(std::int64_t n, Nanos start) {
  return RecordBuilder(n).Start(kOrigin + start).Outputs(4, 20ms, 10ms).Done(51ms);
}

TEST(Goodput, IsOfGoodMeasuredRequestsThatMetEveryObjective) {
  const RunContext context = Context({.ttft = 20ms, .latency = 51ms});
  const Summary s = Summarize(
      context, {Answer(0, 0ms).Warmup().Build(), Answer(1, 0ms).Build(), Answer(2, 49ms).Build(),
                Answer(3, 0ms).End(52ms).Build(), Answer(4, 0ms).Fail(Outcome::kTruncated).Build(),
                RecordBuilder(5).Start(kOrigin).Outputs(4, 21ms, 1ms).Done(30ms).Build()});
  ASSERT_TRUE(s.goodput);
  EXPECT_EQ(s.goodput->slo, context.slo);
  EXPECT_EQ(s.ok, 4u);
  EXPECT_EQ(s.goodput->within, 2u);
  EXPECT_DOUBLE_EQ(*s.goodput->share, 0.4);
  EXPECT_DOUBLE_EQ(*s.goodput->requests_per_s, 20);
}

TEST(Goodput, IsAbsentWithoutObjectives) {
  EXPECT_FALSE(Summarize(Context({}), {Answer(0, 0ms).Build()}).goodput);
}

TEST(Goodput, OfFailuresAloneIsNought) {
  const Summary s =
      Summarize(Context({.tpot = 10ms}), {Answer(0, 0ms).Fail(Outcome::kTruncated).Build()});
  ASSERT_TRUE(s.goodput);
  EXPECT_EQ(s.goodput->share, 0.0);
  EXPECT_EQ(s.goodput->requests_per_s, 0.0);
}

}  // namespace
}  // namespace sseprof::goodput_test
