#include "sim/engine_model.h"

#include <gmock/gmock.h>

#include <vector>

namespace sseprof {

static bool operator==(const SequenceProgress& a, const SequenceProgress& b) {
  return a.id == b.id && a.tokens == b.tokens && a.finished == b.finished;
}

static void PrintTo(const SequenceProgress& progress, std::ostream* out) {
  *out << "{" << progress.id << ", " << progress.tokens << ", " << progress.finished << "}";
}

}  // namespace sseprof

namespace sseprof::engine_model_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant kStart{100s};

EngineOptions Plain() {
  return {.step_base = 10ms,
          .step_per_sequence = 1ms,
          .prefill_per_token = 10us,
          .max_num_seqs = 2,
          .jitter = 0};
}

std::vector<SequenceProgress> StepOn(EngineModel& engine) {
  const auto progress = engine.Advance(engine.NextDue());
  return {progress.begin(), progress.end()};
}

TEST(EngineModel, HasNothingToDoWithoutSequences) {
  EngineModel engine{Plain()};
  EXPECT_EQ(engine.NextDue(), kNever);
  EXPECT_THAT(engine.Advance(kStart), IsEmpty());
}

TEST(EngineModel, StepTakesBaseAndSequencesAndThePrefillOfThoseAdmitted) {
  EngineModel engine{Plain()};
  engine.Add(1, {.prompt_tokens = 100, .output_tokens = 3}, kStart);
  EXPECT_EQ(engine.NextDue(), kStart + 10ms + 1ms + 1ms);
  EXPECT_THAT(engine.Advance(engine.NextDue() - 1ns), IsEmpty());
  EXPECT_THAT(StepOn(engine), ElementsAre(SequenceProgress{1, 1, false}));
  EXPECT_EQ(engine.NextDue(), kStart + 12ms + 11ms);
}

TEST(EngineModel, NewcomerJoinsTheNextStepAndDelaysAll) {
  EngineModel engine{Plain()};
  engine.Add(1, {.prompt_tokens = 0, .output_tokens = 3}, kStart);
  engine.Add(2, {.prompt_tokens = 200, .output_tokens = 2}, kStart + 5ms);
  EXPECT_THAT(StepOn(engine), ElementsAre(SequenceProgress{1, 1, false}));
  EXPECT_EQ(engine.NextDue(), kStart + 11ms + 10ms + 2 * 1ms + 2ms);
  EXPECT_THAT(StepOn(engine),
              ElementsAre(SequenceProgress{1, 2, false}, SequenceProgress{2, 1, false}));
  EXPECT_THAT(StepOn(engine),
              ElementsAre(SequenceProgress{1, 3, true}, SequenceProgress{2, 2, true}));
  EXPECT_EQ(engine.NextDue(), kNever);
}

TEST(EngineModel, QueuesBeyondMaxNumSeqsFirstInFirstOut) {
  EngineModel engine{Plain()};
  for (SequenceId id = 1; id <= 4; ++id) engine.Add(id, {.output_tokens = 1}, kStart);
  StepOn(engine);
  EXPECT_EQ(engine.running(), 2);
  EXPECT_EQ(engine.waiting(), 1);
  EXPECT_THAT(StepOn(engine),
              ElementsAre(SequenceProgress{2, 1, true}, SequenceProgress{3, 1, true}));
  EXPECT_THAT(StepOn(engine), ElementsAre(SequenceProgress{4, 1, true}));
}

TEST(EngineModel, SpeculationGivesOneTokenFirstThenSeveralThenTheRest) {
  EngineOptions options = Plain();
  options.tokens_per_step = 3;
  EngineModel engine{options};
  engine.Add(7, {.output_tokens = 6}, kStart);
  EXPECT_THAT(StepOn(engine), ElementsAre(SequenceProgress{7, 1, false}));
  EXPECT_THAT(StepOn(engine), ElementsAre(SequenceProgress{7, 4, false}));
  EXPECT_THAT(StepOn(engine), ElementsAre(SequenceProgress{7, 6, true}));
}

TEST(EngineModel, CancelledSequencesFreeTheirPlace) {
  EngineModel engine{Plain()};
  for (SequenceId id = 1; id <= 4; ++id) engine.Add(id, {.output_tokens = 9}, kStart);
  StepOn(engine);
  engine.Cancel(1);
  engine.Cancel(3);
  engine.Cancel(99);
  EXPECT_THAT(StepOn(engine), ElementsAre(SequenceProgress{2, 1, false}));
  EXPECT_THAT(StepOn(engine),
              ElementsAre(SequenceProgress{2, 2, false}, SequenceProgress{4, 1, false}));
  engine.Cancel(2);
  engine.Cancel(4);
  EXPECT_THAT(StepOn(engine), IsEmpty());
  EXPECT_EQ(engine.NextDue(), kNever);
}

TEST(EngineModel, LateCallerDelaysTheNextStepInsteadOfGettingTwo) {
  EngineModel engine{Plain()};
  engine.Add(1, {.output_tokens = 9}, kStart);
  const Instant late = kStart + 100ms;
  EXPECT_THAT(engine.Advance(late), ElementsAre(SequenceProgress{1, 1, false}));
  EXPECT_EQ(engine.NextDue(), late + 11ms);
  EXPECT_THAT(engine.Advance(late), IsEmpty());
}

TEST(EngineModel, DriftIsLinearBetweenItsPointsThenRunsBack) {
  EngineOptions options = Plain();
  options.step_base = 1s;
  options.step_per_sequence = 0s;
  options.drift = {{0s, 1.0}, {2s, 2.0}};
  EngineModel engine{options};
  engine.Add(1, {.output_tokens = 9}, kStart);
  EXPECT_EQ(engine.NextDue(), kStart + 1s);
  StepOn(engine);
  EXPECT_EQ(engine.NextDue(), kStart + 1s + 1500ms);
  StepOn(engine);
  EXPECT_EQ(engine.NextDue(), kStart + 2500ms + 1750ms);
}

TEST(EngineModel, RunStartsAnewAfterHalfASecondOfIdleness) {
  EngineOptions options = Plain();
  options.drift = {{0s, 1.0}, {100s, 11.0}};
  EngineModel engine{options};
  engine.Add(1, {.output_tokens = 1}, kStart);
  const Instant idle_since = engine.NextDue();
  StepOn(engine);
  const Instant soon = idle_since + 500ms;
  engine.Add(2, {.output_tokens = 1}, soon);
  EXPECT_GT(engine.NextDue() - soon, 11ms);
  const Instant later = engine.NextDue() + 501ms;
  StepOn(engine);
  engine.Add(3, {.output_tokens = 1}, later);
  EXPECT_EQ(engine.NextDue() - later, 11ms);
}

std::vector<Nanos> JitteredSteps(std::uint64_t seed) {
  EngineOptions options = Plain();
  options.jitter = 0.1;
  options.seed = seed;
  EngineModel engine{options};
  engine.Add(1, {.output_tokens = 1000}, kStart);
  std::vector<Nanos> steps;
  for (Instant last = kStart; engine.NextDue() != kNever; StepOn(engine)) {
    steps.push_back(engine.NextDue() - last);
    last = engine.NextDue();
  }
  return steps;
}

TEST(EngineModel, JitterIsOfTheAskedSizeAndTheSeedsOwn) {
  const auto steps = JitteredSteps(5);
  double sum = 0;
  double squares = 0;
  for (const Nanos step : steps) {
    const double relative = ToSeconds(step) / 0.011 - 1;
    sum += relative;
    squares += relative * relative;
  }
  EXPECT_NEAR(sum / 1000, 0, 0.015);
  EXPECT_NEAR(squares / 1000, 0.01, 0.0015);
  EXPECT_EQ(steps, JitteredSteps(5));
  EXPECT_NE(steps, JitteredSteps(6));
}

}  // namespace
}  // namespace sseprof::engine_model_test
