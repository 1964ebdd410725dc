#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/load/runner_fixture.h"

namespace sseprof::runner_failure_test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kRefusal = R"({"error":{"message":"extra field return_token_ids"}})";

TEST_F(RunnerTest, ASlotWaitsLongerAfterEachFailureInARow) {
  Run({.concurrency = 1, .requests = 9, .max_failures = 100},
      [](const auto&) { return HttpError(500, 10ms); });
  // 100 ms x 2^k after each, 5 s at most.
  EXPECT_THAT(Starts(),
              ElementsAre(0ms, 110ms, 320ms, 730ms, 1540ms, 3150ms, 6360ms, 11370ms, 16380ms));
  EXPECT_EQ(Starts(), Readies());
  EXPECT_THAT(Outcomes(), Each(Outcome::kHttp5xx));
  EXPECT_EQ(Since(transport().Now()), 16390ms) << "no wait when nothing is left to send";
}

TEST_F(RunnerTest, ASuccessStartsTheBackOffAnew) {
  Run({.concurrency = 1, .requests = 5, .max_failures = 100},
      [](const ScriptedTransport::Sent& sent) {
        return sent.number == 2 ? Good(10ms, 0ns, 1) : Refused();
      });
  EXPECT_THAT(Starts(), ElementsAre(0ms, 100ms, 300ms, 310ms, 410ms));
}

TEST_F(RunnerTest, OtherSlotsDoNotWait) {
  Run({.concurrency = 2, .requests = 4, .max_failures = 100},
      [](const ScriptedTransport::Sent& sent) {
        return sent.number == 0 ? Refused() : Good(30ms, 0ns, 1);
      });
  EXPECT_THAT(Starts(), ElementsAre(0ms, 0ms, 30ms, 60ms));
}

TEST_F(RunnerTest, RetryAfterGoesBeforeTheBackOff) {
  Run({.concurrency = 1, .requests = 4, .max_failures = 100},
      [](const ScriptedTransport::Sent& sent) {
        if (sent.number == 0) return HttpError(429, 0ns, "slow down", 2s);
        if (sent.number == 1) return HttpError(503, 0ns, "busy", 1h);
        return HttpError(503, 0ns, "busy", 0s);
      });
  EXPECT_THAT(Starts(), ElementsAre(0s, 2s, 62s, 62s));
}

TEST_F(RunnerTest, FailuresInARowEndTheRunAndCancelTheRest) {
  Run({.concurrency = 2, .requests = 1000, .max_failures = 3},
      [](const ScriptedTransport::Sent& sent) {
        return sent.number == 1 ? Good(100ms, 100ms, 100) : Refused();
      });
  EXPECT_TRUE(plan().gave_up());
  EXPECT_FALSE(plan().stopped());
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome::kConnect, Outcome::kCancelled, Outcome::kConnect,
                                      Outcome::kConnect));
  EXPECT_EQ(records()[1].message, "too many requests failed in a row");
  EXPECT_EQ(Since(transport().Now()), 300ms);
}

TEST_F(RunnerTest, WaitingSlotsEndWithTheRun) {
  Prepare({.concurrency = 1, .requests = 10, .max_failures = 100},
          [](const auto&) { return HttpError(503, 0ns, "busy", 50s); });
  transport().At(1s, [this] { plan().Stop(); });
  Run();
  EXPECT_EQ(records().size(), 1u);
  EXPECT_LE(Since(transport().Now()), 1100ms) << "without a wake-up, a heartbeat later";
}

TEST_F(RunnerTest, TotalTimeoutFromTheStart) {
  Run({.concurrency = 1, .requests = 2, .timeout = 1s}, [](const ScriptedTransport::Sent& sent) {
    return sent.number == 0 ? Good(400ms, 400ms, 10) : Good(400ms, 100ms, 6);
  });
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome::kTimeout, Outcome::kOk));
  EXPECT_EQ(records()[0].message, "no end within 1 s");
  EXPECT_EQ(records()[0].closed, 1s);
  EXPECT_EQ(Ttft(records()[0]), 400ms);
  EXPECT_THAT(Starts(), ElementsAre(0ms, 1100ms));
}

TEST_F(RunnerTest, FirstTokenTimeoutWaitsForOutputAlone) {
  Run({.concurrency = 1, .requests = 2, .timeout = 1h, .first_token_timeout = 500ms},
      [](const ScriptedTransport::Sent& sent) {
        if (sent.number == 0) return Good(499ms, 600ms, 3);
        return Steps{{0ns, StreamHead()},
                     {100ms, ScriptedBytes{kRole}},
                     {390ms, ScriptedBytes{": ping\n\n"}},
                     {20ms, ScriptedBytes{kText}}};
      });
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome::kOk, Outcome::kStalled));
  EXPECT_EQ(records()[1].message, "no output within 0.5 s");
  EXPECT_EQ(records()[1].closed, 500ms);
}

TEST_F(RunnerTest, IdleTimeoutCountsEveryByteAsLife) {
  Run({.concurrency = 1, .requests = 1, .idle_timeout = 500ms}, [](const auto&) {
    return Steps{
        {400ms, StreamHead()}, {400ms, ScriptedBytes{": ping\n\n"}}, {400ms, ScriptedBytes{kText}}};
  });
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome::kStalled));
  EXPECT_EQ(records()[0].message, "nothing arrived for 0.5 s");
  EXPECT_EQ(records()[0].closed, 1700ms);
}

TEST_F(RunnerTest, TheEarliestLimitOfManySlotsIsKept) {
  Run({.concurrency = 3, .requests = 3, .timeout = 900ms, .first_token_timeout = 700ms},
      [](const ScriptedTransport::Sent& sent) {
        if (sent.number == 0) return Good(100ms, 1s, 3);
        if (sent.number == 1) return Good(800ms);
        return Good(690ms, 10ms, 3);
      });
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome::kTimeout, Outcome::kStalled, Outcome::kOk));
  EXPECT_EQ(records()[0].closed, 900ms);
  EXPECT_EQ(records()[1].closed, 700ms);
}

TEST_F(RunnerTest, AnAnswerThatIsWholeIsGoodThoughItsConnectionHangs) {
  Run({.concurrency = 1, .requests = 1, .timeout = 1s}, [](const auto&) {
    Steps steps = Good(10ms, 0ns, 1);
    steps.pop_back();
    return steps;
  });
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome::kOk));
  EXPECT_EQ(records()[0].end, 10ms);
  EXPECT_EQ(records()[0].closed, 1s);
}

TEST_F(RunnerTest, RefusedFieldsAreDroppedAndTheRequestsSentAgain) {
  Prepare({.concurrency = 2, .requests = 4},
          [](const ScriptedTransport::Sent& sent) {
            const bool has_field = sent.body.find("return_token_ids") != std::string::npos;
            return has_field ? HttpError(400, 20ms, kRefusal) : Good(100ms, 0ns, 1);
          },
          {.include_usage = true, .token_ids = true});
  Run();
  EXPECT_THAT(Outcomes(), Each(Outcome::kOk));
  EXPECT_THAT(Starts(), ElementsAre(20ms, 20ms, 120ms, 120ms)) << "no back-off";
  EXPECT_EQ(Starts(), Readies());
  EXPECT_TRUE(records()[0].resent);
  EXPECT_TRUE(records()[1].resent);
  EXPECT_FALSE(records()[2].resent);
  EXPECT_EQ(Ttft(records()[0]), 100ms);
  EXPECT_EQ(transport().sent().size(), 6u);
  EXPECT_EQ(transport().sent()[2].request_id, "r-0");
  EXPECT_THAT(transport().sent()[5].body, Not(HasSubstr("return_token_ids")));
  EXPECT_EQ(plan().warnings().size(), 1u);
  EXPECT_EQ(live_starts_, 6u);
  EXPECT_EQ(live_finishes_, 4u);
}

TEST_F(RunnerTest, ARefusalForAnotherReasonIsAFailure) {
  Run({.concurrency = 1, .requests = 1},
      [](const auto&) { return HttpError(400, 0ns, R"({"message":"prompt too long"})"); });
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome::kHttp4xx));
  EXPECT_EQ(records()[0].message, "prompt too long");
  EXPECT_FALSE(records()[0].resent);
  EXPECT_TRUE(plan().warnings().empty());
}

}  // namespace
}  // namespace sseprof::runner_failure_test
