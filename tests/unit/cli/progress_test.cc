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

TEST(LoopCounters, TellTheClientsOwnErrorOfThisPeriod) {
  LoopCounters counters;
  RequestRecord record;
  counters.OnEvent(record, {.width = Nanos{100'001}, .kind = EventKind::kVisible});
  counters.OnEvent(record, {.width = Nanos{100'000}, .kind = EventKind::kVisible});
  counters.OnEvent(record, {.width = Nanos{900'000}, .kind = EventKind::kDone});
  for (const int late : {3, 7, 5}) {
    record.client_delay = std::chrono::milliseconds{late};
    counters.OnFinish(record);
  }
  const LoopCounters::Values values = counters.Read();
  EXPECT_EQ(values.output, 2);
  EXPECT_EQ(values.coalesced, 1);
  EXPECT_EQ(values.late, std::chrono::milliseconds{7});
  EXPECT_EQ(counters.Read().late, Nanos{0});
}

TEST(ProgressLine, TellsHowItGoes) {
  const LoopCounters::Values values{.started = 20, .finished = 12, .failed = 1, .tokens = 9000};
  EXPECT_EQ(ProgressLine(values, 5000, seconds{5}, 64),
            "12/64 requests done, 8 in flight, 1 failed, 1000 tok/s");
  EXPECT_EQ(ProgressLine(values, 0, seconds{0}, std::nullopt),
            "12 requests done, 8 in flight, 1 failed, 0 tok/s");
}

TEST(ProgressLine, TellsHowFarToTrustIt) {
  const LoopCounters::Values values{.started = 4,
                                    .finished = 3,
                                    .tokens = 800,
                                    .output = 800,
                                    .coalesced = 20,
                                    .late = Nanos{1'260'000}};
  EXPECT_EQ(ProgressLine(values, 50, seconds{5}, 4),
            "3/4 requests done, 1 in flight, 0 failed, 10 tok/s, read up to 1.3 ms late, 2.5 % of "
            "output coalesced");
}

TEST(Progress, EndsWithoutWaitingForItsPeriod) {
  testing::internal::CaptureStderr();
  { Progress progress(2, 64); }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace sseprof
