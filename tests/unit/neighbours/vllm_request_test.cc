#include "neighbours/vllm_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/record_builder.h"

namespace sseprof::vllm_request_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

RecordBuilder Answer() {
  return RecordBuilder(7)
      .Start(10s)
      .Event(EventKind::kEmpty, 100ms)
      .Output(120ms)
      .Output(150ms)
      .Output(150ms)
      .Event(EventKind::kFinish, 170ms)
      .Event(EventKind::kUsage, 171ms)
      .Done(172ms)
      .Finish("stop")
      .Closed(173ms);
}

TEST(VllmRequest, CountsEveryEventWithChoices) {
  const VllmRequest request = ToVllmRequest(Answer().UsageTokens(11, 3).Build());
  EXPECT_EQ(request.n, 7);
  EXPECT_TRUE(request.completed);
  EXPECT_EQ(request.start, Instant{10s});
  EXPECT_EQ(request.read_at, Instant{10s + 173ms});
  EXPECT_EQ(request.ttft, 100ms);
  EXPECT_THAT(request.gaps, ElementsAre(20ms, 30ms, 0ms, 20ms));
  EXPECT_EQ(request.latency, 170ms);
  EXPECT_EQ(request.input, 11);
  EXPECT_EQ(request.output, 3);
  EXPECT_EQ(request.error, "");
  ASSERT_TRUE(request.Tpot());
  EXPECT_DOUBLE_EQ(*request.Tpot(), 0.035);
}

TEST(VllmRequest, OfOneTokenHasNoTpot) {
  const VllmRequest request = ToVllmRequest(Answer().UsageTokens(11, 1).Build());
  EXPECT_EQ(request.output, 1);
  EXPECT_FALSE(request.Tpot());
}

TEST(VllmRequest, WithoutUsageHasTheTokensThatWereCounted) {
  EXPECT_EQ(ToVllmRequest(Answer().Build()).output, 3);
  EXPECT_EQ(ToVllmRequest(Answer().Build()).input, 0);
  EXPECT_EQ(ToVllmRequest(Answer().UsageTokens(11, 0).Build()).output, 3);
}

TEST(VllmRequest, PutsAllChoicesIntoOneSequence) {
  const RequestRecord record = RecordBuilder(0)
                                   .Event(EventKind::kVisible, 10ms, 1, 0ns, 0)
                                   .Event(EventKind::kVisible, 11ms, 1, 0ns, 1)
                                   .Event(EventKind::kOther, 20ms, 1, 0ns, 0)
                                   .Event(EventKind::kVisible, 22ms, 1, 0ns, 1)
                                   .Build();
  EXPECT_THAT(ToVllmRequest(record).gaps, ElementsAre(1ms, 9ms, 2ms));
}

TEST(VllmRequest, ThatFailedKeepsTheTimesOfItsEventsAndNothingElse) {
  RequestRecord record = Answer().UsageTokens(11, 3).Fail(Outcome::kTruncated, "cut").Build();
  record.text = "half a";
  const VllmRequest request = ToVllmRequest(record);
  EXPECT_FALSE(request.completed);
  EXPECT_EQ(request.ttft, 100ms);
  EXPECT_EQ(request.gaps.size(), 4u);
  EXPECT_EQ(request.latency, 0ms);
  EXPECT_EQ(request.output, 0);
  EXPECT_EQ(request.text, "");
  EXPECT_EQ(request.error, "truncated: cut");
}

TEST(VllmRequest, WithoutEventsHasNoTimes) {
  const VllmRequest refused =
      ToVllmRequest(RecordBuilder(0).Start(1s).Fail(Outcome::kHttp5xx, "").Closed(5ms).Build());
  EXPECT_EQ(refused.ttft, 0ms);
  EXPECT_TRUE(refused.gaps.empty());
  EXPECT_EQ(refused.error, "http_5xx");
  EXPECT_EQ(refused.read_at, Instant{1005ms});
}

TEST(VllmRequest, IsReadToItsEndWhenRecordsSaySo) {
  RequestRecord record = Answer().Build();
  record.closed.reset();
  EXPECT_EQ(ToVllmRequest(record).read_at, Instant{10s + 172ms});
  record.end.reset();
  record.events.pop_back();
  EXPECT_EQ(ToVllmRequest(record).read_at, Instant{10s + 171ms});
}

TEST(VllmRequest, HasTheTextThatWasKept) {
  RequestRecord record = Answer().Build();
  EXPECT_EQ(ToVllmRequest(record).text, "");
  record.text = "Hello";
  EXPECT_EQ(ToVllmRequest(record).text, "Hello");
}

}  // namespace
}  // namespace sseprof::vllm_request_test
