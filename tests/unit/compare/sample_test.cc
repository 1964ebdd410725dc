#include "compare/sample.h"

#include <gtest/gtest.h>

#include <chrono>

#include "unit/compare/reference_sets.h"

namespace sseprof::sample_test {
namespace {

using namespace std::chrono_literals;

TEST(SampleTest, QuantilesAndMeanOfTheReferenceSet) {
  std::vector<Observation> observations;
  for (const int value : {12, 7, 3, 9, 15, 8, 30, 5, 11, 6}) {
    observations.push_back({.value = static_cast<double>(value), .at = value * 1s});
  }
  const Sample sample = Gaps(observations);
  EXPECT_DOUBLE_EQ(sample.Quantile(0.5), 8.5);
  EXPECT_DOUBLE_EQ(sample.Quantile(0.9), 16.5);
  EXPECT_DOUBLE_EQ(sample.Quantile(0.95), 23.25);
  EXPECT_DOUBLE_EQ(sample.Quantile(0.99), 28.65);
  EXPECT_NEAR(sample.Quantile(0.999), 29.865, 1e-12);
  EXPECT_DOUBLE_EQ(sample.Mean(), 10.6);
  EXPECT_EQ(sample.duration(), 30s);
  EXPECT_EQ(sample.size(), 10u);
}

TEST(SampleTest, InstantsAreCountedInCellsOfAMillisecond) {
  EXPECT_EQ(Gaps({}).Instants(), 0);
  EXPECT_EQ(Gaps({{.value = 1, .at = 5ms}, {.value = 2, .at = 5ms + 999us}}).Instants(), 1);
  EXPECT_EQ(Gaps({{.value = 1, .at = 5ms}, {.value = 2, .at = 6ms}}).Instants(), 2);
  // 2 in one cell, 1 in another: 9 / (4 + 1)
  EXPECT_DOUBLE_EQ(
      Gaps({{.value = 1, .at = 5ms}, {.value = 2, .at = 5ms}, {.value = 3, .at = 9ms}}).Instants(),
      1.8);
}

TEST(SampleTest, TheTailIsCountedOnItsThinnerSide) {
  const Sample gaps = Gaps(ReferenceA());
  EXPECT_NEAR(gaps.TailCount(0.99), 20, 1e-9);
  EXPECT_NEAR(gaps.TailCount(0.01), 20, 1e-9);
  const Sample spans(ReferenceA(), Sample::Unit::kSpans, 1400ms);
  EXPECT_NEAR(spans.TailCount(0.9), 0.1 * 4 * 10, 1e-9);
  EXPECT_EQ(Sample(ReferenceA(), Sample::Unit::kSpans).TailCount(0.9), 0);
}

TEST(SampleTest, SumsOfTheReferenceRuns) {
  EXPECT_EQ(Gaps(ReferenceA()).Mean() * 2'000, 18'527'770'000.0);
  EXPECT_EQ(Gaps(ReferenceB()).Mean() * 2'000, 19'496'400'000.0);
}

}  // namespace
}  // namespace sseprof::sample_test
