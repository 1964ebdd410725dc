#include "sseprof/record.h"

#include <gtest/gtest.h>

#include <vector>

namespace sseprof::record_test {
namespace {

using namespace std::chrono_literals;

StreamEvent Event(Nanos at, EventKind kind = EventKind::kVisible, std::int32_t tokens = 1,
                  std::uint16_t choice = 0) {
  return {.at = at, .tokens = tokens, .choice = choice, .kind = kind};
}

RequestRecord Stream(std::vector<StreamEvent> events) {
  RequestRecord record;
  record.events = std::move(events);
  record.finish_reasons = {"stop"};
  return record;
}

std::vector<Gap> Gaps(const RequestRecord& record) {
  std::vector<Gap> gaps;
  ForEachGap(record, [&](const Gap& gap) { gaps.push_back(gap); });
  return gaps;
}

TEST(Record, NamesOfOutcomesReadBack) {
  for (int i = 0; i <= static_cast<int>(Outcome::kCancelled); ++i) {
    const auto outcome = static_cast<Outcome>(i);
    EXPECT_EQ(ParseOutcome(Name(outcome)), outcome);
  }
  EXPECT_EQ(Name(Outcome::kHttp4xx), "http_4xx");
  EXPECT_EQ(Name(Outcome::kCancelled), "cancelled");
  EXPECT_EQ(ParseOutcome("no such thing"), std::nullopt);
  EXPECT_EQ(ParseTokenSource("logprobs"), TokenSource::kLogprobs);
}

TEST(Record, WithoutOutputThereIsNoTtftGapOrTpot) {
  const RequestRecord record =
      Stream({Event(1ms, EventKind::kEmpty, 0), Event(2ms, EventKind::kDone, 0)});
  EXPECT_EQ(Ttft(record), std::nullopt);
  EXPECT_EQ(LastOutput(record), std::nullopt);
  EXPECT_EQ(Tpot(record), std::nullopt);
  EXPECT_EQ(CompletionTokens(record), std::nullopt);
  EXPECT_TRUE(Gaps(record).empty());
}

TEST(Record, OneOutputEventHasTtftButNoGapAndNoTpot) {
  const RequestRecord record =
      Stream({Event(1ms, EventKind::kEmpty, 0), Event(5ms), Event(6ms, EventKind::kFinish, 0)});
  EXPECT_EQ(Ttft(record), Nanos{5ms});
  EXPECT_TRUE(Gaps(record).empty());
  EXPECT_EQ(Tpot(record), std::nullopt);
}

TEST(Record, EventsThatAreNotOutputMakeNoGap) {
  const RequestRecord record = Stream({Event(5ms), Event(6ms, EventKind::kEmpty, 0), Event(9ms),
                                       Event(11ms, EventKind::kFinish, 0)});
  const std::vector<Gap> gaps = Gaps(record);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].length, Nanos{4ms});
  EXPECT_EQ(gaps[0].at, Nanos{9ms});
  EXPECT_EQ(gaps[0].event, 2u);
}

TEST(Record, ReasoningAndToolCallsAreOutput) {
  const RequestRecord record = Stream({Event(5ms, EventKind::kOther), Event(7ms)});
  EXPECT_EQ(Ttft(record), Nanos{5ms});
  EXPECT_EQ(Gaps(record).size(), 1u);
}

TEST(Record, GapsAreTakenWithinOneChoice) {
  const RequestRecord record =
      Stream({Event(1ms, EventKind::kVisible, 1, 0), Event(2ms, EventKind::kVisible, 1, 1),
              Event(5ms, EventKind::kVisible, 1, 0), Event(9ms, EventKind::kVisible, 1, 1)});
  const std::vector<Gap> gaps = Gaps(record);
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_EQ(gaps[0].length, Nanos{4ms});
  EXPECT_EQ(gaps[1].length, Nanos{7ms});
}

TEST(Record, AnEventWithTwoChoicesEndsAGapOfEach) {
  RequestRecord record = Stream({Event(1ms), Event(4ms)});
  record.extra_choices = {{.event = 0, .choice = 1}, {.event = 1, .choice = 1}};
  EXPECT_EQ(Gaps(record).size(), 2u);
}

TEST(Record, UncertainArrivalsBoundTheGap) {
  RequestRecord record = Stream({Event(10ms), Event(30ms), Event(50ms)});
  record.events[1].width = 8ms;
  const std::vector<Gap> gaps = Gaps(record);
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_EQ(gaps[0].low, Nanos{12ms});
  EXPECT_EQ(gaps[0].high, Nanos{20ms});
  EXPECT_EQ(gaps[1].low, Nanos{20ms});
  EXPECT_EQ(gaps[1].high, Nanos{28ms});
  EXPECT_FALSE(gaps[0].exact);
}

TEST(Record, AGapCannotBeShorterThanNothing) {
  RequestRecord record = Stream({Event(30ms), Event(30ms)});
  record.events[0].width = record.events[1].width = 20ms;
  const std::vector<Gap> gaps = Gaps(record);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].low, Nanos{0});
  EXPECT_EQ(gaps[0].high, Nanos{20ms});
}

TEST(Record, TpotByExactTokensLeavesOutTheFirstEventsTokens) {
  RequestRecord record =
      Stream({Event(10ms, EventKind::kVisible, 3), Event(20ms, EventKind::kVisible, 2),
              Event(40ms, EventKind::kVisible, 4)});
  record.tokens_from = TokenSource::kIds;
  const auto tpot = Tpot(record);
  ASSERT_TRUE(tpot);
  EXPECT_DOUBLE_EQ(tpot->nanos, 30e6 / 6);
  EXPECT_TRUE(tpot->exact);
}

TEST(Record, TpotEstimatesTheFirstEventsShareOfUsage) {
  RequestRecord record = Stream({Event(10ms), Event(20ms), Event(30ms), Event(40ms)});
  record.usage = Usage{.prompt_tokens = 1, .completion_tokens = 12};
  const auto tpot = Tpot(record);
  ASSERT_TRUE(tpot);
  EXPECT_DOUBLE_EQ(tpot->nanos, 30e6 / 9);
  EXPECT_FALSE(tpot->exact);
}

TEST(Record, TpotFromEventsIsExactWhereUsageAgrees) {
  RequestRecord record = Stream({Event(10ms), Event(20ms), Event(30ms)});
  EXPECT_FALSE(Tpot(record)->exact);
  record.usage = Usage{.completion_tokens = 3};
  EXPECT_TRUE(Tpot(record)->exact);
  EXPECT_DOUBLE_EQ(Tpot(record)->nanos, 10e6);
}

TEST(Record, ARateOfTokensAsASpanIsRoundedUp) {
  EXPECT_EQ(TimePerToken{.nanos = 10.0}.span(), Nanos{10});
  EXPECT_EQ(TimePerToken{.nanos = 10.001}.span(), Nanos{11});
  EXPECT_EQ(TimePerToken{.nanos = 0.0}.span(), Nanos{0});
  EXPECT_EQ(TimePerToken{.nanos = -3.0}.span(), Nanos{0});
}

TEST(Record, TpotNeedsASingleChoice) {
  RequestRecord record = Stream({Event(10ms), Event(20ms)});
  record.finish_reasons = {"stop", "stop"};
  EXPECT_EQ(Tpot(record), std::nullopt);
}

TEST(Record, HiddenTokensAreThoseLeftOnEventsWithoutText) {
  RequestRecord record =
      Stream({Event(10ms, EventKind::kVisible, 2), Event(20ms, EventKind::kFinish, 1)});
  EXPECT_EQ(CountedTokens(record), 2);
  EXPECT_EQ(HiddenTokens(record), 1);
  EXPECT_EQ(CompletionTokens(record), 2);
  record.usage = Usage{.completion_tokens = 3};
  EXPECT_EQ(CompletionTokens(record), 3);
}

TEST(Record, StartLagIsFromTheSlotsBeingFree) {
  RequestRecord record;
  record.start = Instant{5ms};
  EXPECT_EQ(StartLag(record), std::nullopt);
  record.ready = Instant{3ms};
  EXPECT_EQ(StartLag(record), Nanos{2ms});
  record.ready = Instant{6ms};
  EXPECT_EQ(StartLag(record), Nanos{0});
}

TEST(Record, ConnectTimeHasTheHandshakeInIt) {
  RequestRecord record;
  EXPECT_EQ(ConnectTime(record), std::nullopt);
  record.connect = 5ms;
  EXPECT_EQ(ConnectTime(record), Nanos{5ms});
  record.connect_start = 2ms;
  EXPECT_EQ(ConnectTime(record), Nanos{3ms});
  record.tls = 9ms;
  EXPECT_EQ(ConnectTime(record), Nanos{7ms});
}

TEST(Record, SendDelayLeavesConnectAndTlsOut) {
  RequestRecord record;
  EXPECT_EQ(SendDelay(record), std::nullopt);
  record.sent = 90us;
  EXPECT_EQ(SendDelay(record), Nanos{90us});
  record.sent = 10ms;
  record.connect_start = 2ms;
  record.connect = 5ms;
  EXPECT_EQ(SendDelay(record), Nanos{7ms});
  record.tls = 9ms;
  EXPECT_EQ(SendDelay(record), Nanos{3ms});
}

}  // namespace
}  // namespace sseprof::record_test
