#include "sim/paced_model.h"

#include <gtest/gtest.h>

#include <vector>

namespace sseprof::paced_model_test {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{100s};
constexpr Nanos kGap = 20ms;

PaceOptions Pace(PaceOptions::Phase phase) { return {.itl = kGap, .ttft = 200ms, .phase = phase}; }

TEST(PacedModel, StreamsOfOneStepBeatTogether) {
  PacedModel model{Pace(PaceOptions::Phase::kStep)};
  model.Add(1, {.output_tokens = 2}, kStart + 1ms);
  model.Add(2, {.output_tokens = 2}, kStart + 13ms);
  EXPECT_EQ(model.NextDue(), kStart + 220ms);
  EXPECT_EQ(model.Advance(kStart + 219ms).size(), 0);
  EXPECT_EQ(model.Advance(kStart + 220ms).size(), 2);
  EXPECT_EQ(model.NextDue(), kStart + 240ms);
  const auto last = model.Advance(kStart + 240ms);
  ASSERT_EQ(last.size(), 2);
  EXPECT_TRUE(last[0].finished);
  EXPECT_EQ(last[0].tokens, 2);
  EXPECT_EQ(model.NextDue(), kNever);
  EXPECT_EQ(model.running(), 0);
}

TEST(PacedModel, FirstTokenIsNeverEarlyAndAtMostOneGapLate) {
  PacedModel model{Pace(PaceOptions::Phase::kUniform)};
  for (SequenceId id = 0; id < 50; ++id) model.Add(id, {.output_tokens = 1}, kStart);
  EXPECT_GE(model.NextDue(), kStart + 200ms);
  EXPECT_EQ(model.Advance(kStart + 220ms).size(), 50);
}

TEST(PacedModel, UniformPhasesLeaveNoLargeHoles) {
  PacedModel model{Pace(PaceOptions::Phase::kUniform)};
  constexpr int kStreams = 64;
  for (SequenceId id = 0; id < kStreams; ++id) model.Add(id, {.output_tokens = 9}, kStart);
  std::vector<Instant> beats;
  while (model.NextDue() < kStart + 240ms) {
    beats.push_back(model.NextDue());
    EXPECT_EQ(model.Advance(model.NextDue()).size(), 1);
  }
  ASSERT_EQ(beats.size(), 2 * kStreams);
  for (std::size_t i = 1; i < beats.size(); ++i) {
    EXPECT_LT(beats[i] - beats[i - 1], 3 * kGap / kStreams);
    EXPECT_GT(beats[i] - beats[i - 1], kGap / kStreams / 3);
  }
}

TEST(PacedModel, FreedPhaseIsTakenAgain) {
  PacedModel model{Pace(PaceOptions::Phase::kUniform)};
  model.Add(1, {.output_tokens = 9}, kStart);
  model.Add(2, {.output_tokens = 9}, kStart);
  model.Cancel(1);
  const Instant second = model.NextDue();
  model.Cancel(2);
  EXPECT_EQ(model.NextDue(), kNever);
  model.Add(3, {.output_tokens = 9}, kStart);
  model.Cancel(3);
  model.Add(4, {.output_tokens = 9}, kStart);
  model.Add(5, {.output_tokens = 9}, kStart);
  model.Cancel(4);
  EXPECT_EQ(model.NextDue(), second);
}

TEST(PacedModel, LateCallerSkipsBeatsAndKeepsThePhase) {
  PacedModel model{Pace(PaceOptions::Phase::kStep)};
  model.Add(1, {.output_tokens = 9}, kStart);
  const auto late = model.Advance(kStart + 275ms);
  ASSERT_EQ(late.size(), 1);
  EXPECT_EQ(late[0].tokens, 1);
  EXPECT_EQ(model.NextDue(), kStart + 280ms);
}

}  // namespace
}  // namespace sseprof::paced_model_test
