#include "stats/usage_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../record_builder.h"

namespace sseprof::usage_check_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A good answer of `counted` tokens in as many events.
RecordBuilder Answer(int counted, std::string reason = "length") {
  return RecordBuilder(0).Outputs(counted, 10ms, 5ms).Finish(std::move(reason));
}

UsageCheck Check(const std::vector<RequestRecord>& records,
                 std::optional<double> total_time_s = 2.0) {
  UsageCollector collector;
  for (const RequestRecord& record : records) collector.Add(record);
  return collector.Finish(total_time_s);
}

TEST(UsageCheck, EqualTokensAreExact) {
  const UsageCheck check =
      Check({Answer(5).UsageTokens(9, 5).Build(), Answer(7).UsageTokens(9, 7).Build()});
  EXPECT_EQ(check.exact, 2u);
  EXPECT_EQ(check.tokens_usage, 12);
  EXPECT_EQ(check.tokens_counted, 12);
  EXPECT_DOUBLE_EQ(*check.ratio, 1.0);
  EXPECT_DOUBLE_EQ(*check.relative_difference, 0.0);
  EXPECT_EQ(check.max_difference, 0);
  EXPECT_DOUBLE_EQ(*check.decode_tps_counted, 6.0);
  EXPECT_EQ(check.explanation, "usage equals the counted tokens in all 2 requests");
}

TEST(UsageCheck, OneMoreAtAStopIsTheTokenThatEndedIt) {
  EXPECT_EQ(Check({Answer(5, "stop").UsageTokens(9, 6).Build()}).hidden_tokens, 1u);
}

TEST(UsageCheck, OneMoreAtTheLengthLimitIsSeveralTokensInAnEvent) {
  EXPECT_EQ(Check({Answer(5, "length").UsageTokens(9, 6).Build()}).multi_token_events, 1u);
}

TEST(UsageCheck, TokensOnEventsWithoutTextAreHidden) {
  const RequestRecord record =
      Answer(5).Event(EventKind::kFinish, 50ms, 3).UsageTokens(9, 8).Build();
  EXPECT_EQ(Check({record}).hidden_tokens, 1u);
}

TEST(UsageCheck, FewerReportedThanCountedIsOver) {
  const UsageCheck check = Check({Answer(5).UsageTokens(9, 3).Build()});
  EXPECT_EQ(check.over, 1u);
  EXPECT_EQ(check.max_difference, -2);
  EXPECT_LT(*check.relative_difference, 0);
}

TEST(UsageCheck, RatioLeavesOutRequestsWithoutUsage) {
  const UsageCheck check = Check({Answer(5).UsageTokens(9, 10).Build(), Answer(100).Build()});
  EXPECT_EQ(check.missing, 1u);
  EXPECT_EQ(check.tokens_counted, 105);
  EXPECT_DOUBLE_EQ(*check.ratio, 0.5);
  EXPECT_DOUBLE_EQ(*check.relative_difference, 0.5);
  EXPECT_EQ(check.explanation,
            "of 2 requests: more tokens reported than counted (several in one event, or some left "
            "out) in 1; no usage in 1");
}

TEST(UsageCheck, WithoutAnyUsageThereIsNoRatio) {
  const UsageCheck check = Check({Answer(5).Build()});
  EXPECT_FALSE(check.ratio);
  EXPECT_FALSE(check.relative_difference);
  EXPECT_FALSE(check.max_difference);
  EXPECT_THAT(check.explanation, HasSubstr("no usage was reported (1 requests)"));
}

TEST(UsageCheck, FailedRequestsCountInTheTotalOfAllOnly) {
  const UsageCheck check =
      Check({Answer(5).UsageTokens(9, 5).Build(), Answer(3).Fail(Outcome::kTruncated).Build()});
  EXPECT_EQ(check.tokens_counted, 5);
  EXPECT_EQ(check.tokens_counted_all, 8);
  EXPECT_EQ(check.missing, 0u);
}

TEST(UsageCheck, TheLargestDifferenceIsTheLargestEitherWay) {
  EXPECT_EQ(Check({Answer(9).UsageTokens(9, 2).Build(), Answer(5).UsageTokens(9, 9).Build()})
                .max_difference,
            -7);
  for (const auto& order : {std::pair{12, 4}, std::pair{4, 12}}) {
    const UsageCheck check = Check({Answer(8).UsageTokens(9, order.first).Build(),
                                    Answer(8).UsageTokens(9, order.second).Build()});
    EXPECT_EQ(check.max_difference, 4);
  }
}

TEST(UsageCheck, UsageAboveWhatWasAskedForIsCounted) {
  UsageCollector collector;
  collector.Add(Answer(5).UsageTokens(9, 256).Build());
  EXPECT_EQ(collector.above_limit(), 0u);
  collector.Add(Answer(5).UsageTokens(9, 257).Build());
  EXPECT_EQ(collector.above_limit(), 1u);
  collector.Add(Answer(5).Finish("length").UsageTokens(9, 512).Build());
  EXPECT_EQ(collector.above_limit(), 1u) << "two choices may have twice as much";
}

TEST(UsageCheck, SaysSoWhenNothingSucceeded) {
  EXPECT_EQ(Check({Answer(1).Fail(Outcome::kTimeout).Build()}).explanation,
            "no request succeeded, so there is nothing to check");
}

}  // namespace
}  // namespace sseprof::usage_check_test
