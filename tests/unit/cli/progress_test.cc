#include "cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sseprof {
namespace {

using std::chrono::seconds;

TEST(LoopCounters, CountRequestsAndTokensOfOutput) {
  LoopCounters counters;
  RequestRecord good, bad;
  bad.outcome = Outcome::kTruncated;
  counters.OnStart(good);
  counters.OnStart(bad);
  counters.OnStart(good);
  counters.OnEvent(good, {.tokens = 3, .kind = EventKind::kVisible});
  counters.OnEvent(good, {.tokens = 2, .kind = EventKind::kOther});
  counters.OnEvent(good, {.tokens = 9, .kind = EventKind::kEmpty});
  counters.OnFinish(good);
  counters.OnFinish(bad);
  const LoopCounters::Values values = counters.Read();
  EXPECT_EQ(values.started, 3);
  EXPECT_EQ(values.finished, 2);
  EXPECT_EQ(values.failed, 1);
  EXPECT_EQ(values.tokens, 5);
}

TEST(ProgressLine, TellsHowItGoes) {
  const LoopCounters::Values values{.started = 20, .finished = 12, .failed = 1, .tokens = 9000};
  EXPECT_EQ(ProgressLine(values, 5000, seconds{5}, 64),
            "12/64 requests done, 8 in flight, 1 failed, 1000 tok/s");
  EXPECT_EQ(ProgressLine(values, 0, seconds{0}, std::nullopt),
            "12 requests done, 8 in flight, 1 failed, 0 tok/s");
}

TEST(Progress, EndsWithoutWaitingForItsPeriod) {
  testing::internal::CaptureStderr();
  { Progress progress(2, 64); }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace sseprof
