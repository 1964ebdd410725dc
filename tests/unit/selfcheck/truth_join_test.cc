#include "selfcheck/truth_join.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "record_builder.h"

namespace sseprof::truth_join_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr Instant At(Nanos since_boot) { return Instant{since_boot}; }
constexpr SendBracket Send(Nanos before, Nanos after) { return {At(before), At(after)}; }

TEST(DistanceFromSend, IsZeroBetweenTheReadings) {
  EXPECT_EQ(DistanceFromSend(At(100ns), Send(100ns, 140ns)), 0ns);
  EXPECT_EQ(DistanceFromSend(At(140ns), Send(100ns, 140ns)), 0ns);
}

TEST(DistanceFromSend, CountsBothWays) {
  EXPECT_EQ(DistanceFromSend(At(141ns), Send(100ns, 140ns)), 1ns);
  EXPECT_EQ(DistanceFromSend(At(90ns), Send(100ns, 140ns)), 10ns);
}

TEST(ContainsSend, ToleratesATenthOfAMillisecond) {
  EXPECT_TRUE(ContainsSend(At(1ms), 0ns, Send(1100us, 1200us)));
  EXPECT_FALSE(ContainsSend(At(1ms), 0ns, Send(1101us, 1200us)));
  EXPECT_TRUE(ContainsSend(At(1ms), 0ns, Send(800us, 900us)));
  EXPECT_FALSE(ContainsSend(At(1ms), 0ns, Send(800us, 899us)));
}

TEST(ContainsSend, LooksBackOverTheWidth) {
  EXPECT_TRUE(ContainsSend(At(10ms), 5ms, Send(5ms, 5001us)));
  EXPECT_FALSE(ContainsSend(At(10ms), 5ms, Send(4ms, 4800us)));
}

/// Two streams: role, two outputs, [DONE]. The first one's second output is known to 2 ms only.
class Join : public testing::Test {
 protected:
  Join() {
    records_.push_back(RecordBuilder(0)
                           .Start(1s)
                           .Event(EventKind::kEmpty, 5ms)
                           .Output(10ms)
                           .Output(31ms, 1, 2ms)
                           .Done(31ms)
                           .Build());
    streams_.push_back(
        {.request_id = "run-0",
         .received = At(1s + 1ms),
         .sends = {Send(1s + 5ms - 10us, 1s + 5ms + 10us), Send(1s + 10ms - 3us, 1s + 10ms - 1us),
                   Send(1s + 30ms, 1s + 30ms + 49us), Send(1s + 31ms - 80us, 1s + 31ms)}});
  }

  SelfcheckRun Result() {
    TruthJoin join(records_);
    for (const SentStream& stream : streams_) join.Add(stream);
    SelfcheckRun run;
    join.Finish(run);
    return run;
  }

  std::vector<RequestRecord> records_;
  std::vector<SentStream> streams_;
};

TEST_F(Join, JudgesOnlyNarrowSends) {
  const SelfcheckRun run = Result();
  EXPECT_EQ(run.requests, 1u);
  EXPECT_EQ(run.events, 4u);
  EXPECT_EQ(run.judged_events, 3u);
  EXPECT_EQ(run.error.count, 3u);
  EXPECT_DOUBLE_EQ(run.judged_share(), 0.75);
  EXPECT_DOUBLE_EQ(run.bracket.max.value(), 80e-6);
}

TEST_F(Join, TakesTheDistanceForTheError) {
  const SelfcheckRun run = Result();
  EXPECT_DOUBLE_EQ(run.error.min.value(), 0);
  EXPECT_DOUBLE_EQ(run.error.p50.value(), 1e-6);
  EXPECT_DOUBLE_EQ(run.error.max.value(), 951e-6);
  EXPECT_EQ(run.earliest, 0ns);
}

TEST_F(Join, SaysHowEarlyAnArrivalIs) {
  streams_[0].sends[1] = Send(1s + 10ms + 7us, 1s + 10ms + 8us);
  EXPECT_EQ(Result().earliest, 7us);
}

TEST_F(Join, CountsWhatHoldsTheTruth) {
  EXPECT_EQ(Result().contained, 4u);
  records_[0].events[2].width = 0ns;
  const SelfcheckRun run = Result();
  EXPECT_EQ(run.contained, 3u);
  EXPECT_DOUBLE_EQ(run.contained_share(), 0.75);
}

TEST_F(Join, ComparesSpans) {
  const SelfcheckRun run = Result();
  ASSERT_EQ(run.itl.truth.count, 1u);
  EXPECT_DOUBLE_EQ(run.itl.truth.p50.value(), 20.003e-3);
  EXPECT_DOUBLE_EQ(run.itl.measured.p50.value(), 21e-3);
  EXPECT_DOUBLE_EQ(run.ttft.truth.p50.value(), 8.997e-3);
  EXPECT_DOUBLE_EQ(run.ttft.measured.p50.value(), 10e-3);
  EXPECT_DOUBLE_EQ(run.latency.truth.p50.value(), 29.92e-3);
  EXPECT_DOUBLE_EQ(run.latency.measured.p50.value(), 31e-3);
}

TEST_F(Join, LeavesFailedRequestsOut) {
  records_.push_back(
      RecordBuilder(1).Start(2s).Output(1ms).Fail(Outcome::kTruncated, "cut").Build());
  streams_.push_back({.request_id = "run-1", .received = At(2s), .sends = {}});
  records_.push_back(RecordBuilder(2).Start(2s).Fail(Outcome::kConnect, "refused").Build());
  const SelfcheckRun run = Result();
  EXPECT_EQ(run.requests, 3u);
  EXPECT_EQ(run.failed, 2u);
  EXPECT_EQ(run.events, 4u);
  EXPECT_EQ(run.last_failure, "connect: refused");
}

TEST_F(Join, RefusesAnotherNumberOfEvents) {
  streams_[0].sends.pop_back();
  EXPECT_THAT([this] { Result(); },
              ThrowsMessage<TruthMismatch>(HasSubstr("run-0: 4 events recorded, 3 sent")));
}

TEST_F(Join, RefusesAStreamThatIsMissing) {
  streams_.clear();
  EXPECT_THAT([this] { Result(); }, ThrowsMessage<TruthMismatch>(HasSubstr("not in the log")));
}

TEST_F(Join, RefusesAStreamThatIsUnknown) {
  streams_[0].request_id = "run-7";
  EXPECT_THAT([this] { Result(); }, ThrowsMessage<TruthMismatch>(HasSubstr("never sent")));
}

TEST_F(Join, RefusesAStreamThatComesTwice) {
  streams_.push_back(streams_[0]);
  EXPECT_THAT([this] { Result(); }, ThrowsMessage<TruthMismatch>(HasSubstr("twice")));
}

TEST_F(Join, OfNothingHasNoFigures) {
  records_.clear();
  streams_.clear();
  const SelfcheckRun run = Result();
  EXPECT_EQ(run.events, 0u);
  EXPECT_EQ(run.judged_share(), 0);
  EXPECT_EQ(run.contained_share(), 0);
  EXPECT_FALSE(run.error.p99.has_value());
}

TEST_F(Join, AddsWhatTheClientSaysOfItself) {
  RunContext context;
  context.timestamps = "kernel";
  RunEnd end;
  end.timestamps = "user";
  end.client.client_delay.Record(50us);
  end.client.clock_rejected = 1;
  end.cpu = 2s;
  std::istringstream log(
      "{\"request_id\":\"run-0\",\"received_ns\":1001000000,\"events\":[[1005000000,1005000001],"
      "[1010000000,1010000001],[1030000000,1030000001],[1031000000,1031000001]]}\n");
  const SelfcheckRun run = JoinRun(context, end, records_, log);
  EXPECT_EQ(run.timestamps, "kernel");
  EXPECT_EQ(run.timestamps_used, "user");
  EXPECT_EQ(run.events, 4u);
  EXPECT_EQ(run.reads, 1u);
  EXPECT_DOUBLE_EQ(run.coalesced_share, 0.5);
  EXPECT_EQ(run.client.clock_rejected, 1u);
  EXPECT_EQ(run.client.verdict, "client_limited");
  EXPECT_DOUBLE_EQ(run.client.cpu_s, 2);
}

}  // namespace
}  // namespace sseprof::truth_join_test
