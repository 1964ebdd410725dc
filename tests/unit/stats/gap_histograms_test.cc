#include "stats/gap_histograms.h"

#include <gtest/gtest.h>

namespace sseprof::gap_histograms_test {
namespace {

using namespace std::chrono_literals;

Gap Uncertain(Nanos length, Nanos low, Nanos high) {
  return {.length = length, .low = low, .high = high, .exact = false};
}

TEST(GapHistograms, ExactGapsAreTheSameAtBothBounds) {
  GapHistograms gaps;
  gaps.Add({.length = 7ms, .low = 7ms, .high = 7ms}, 0ms);
  EXPECT_EQ(gaps.exact().count(), 1u);
  for (const Histogram& histogram : {gaps.Nominal(), gaps.Low(), gaps.High()}) {
    EXPECT_EQ(histogram.max(), Nanos{7ms});
  }
  EXPECT_EQ(gaps.wide(), 0u);
}

TEST(GapHistograms, UncertainOnesAreKeptAtTheirBounds) {
  GapHistograms gaps;
  gaps.Add({.length = 7ms, .low = 7ms, .high = 7ms}, 0ms);
  gaps.Add(Uncertain(9ms, 4ms, 12ms), 5ms);
  EXPECT_EQ(gaps.exact().count(), 1u);
  EXPECT_EQ(gaps.Nominal().max(), Nanos{9ms});
  EXPECT_EQ(gaps.Low().min(), Nanos{4ms});
  EXPECT_EQ(gaps.High().max(), Nanos{12ms});
  EXPECT_EQ(gaps.Nominal().count(), 2u);
}

TEST(GapHistograms, WideIsAnEndKnownToMoreThanAHundredMicroseconds) {
  GapHistograms gaps;
  gaps.Add(Uncertain(9ms, 9ms - 100us, 9ms), 100us);
  EXPECT_EQ(gaps.wide(), 0u);
  gaps.Add(Uncertain(9ms, 9ms - 101us, 9ms), 101us);
  EXPECT_EQ(gaps.wide(), 1u) << "the later event is wide";
  gaps.Add(Uncertain(9ms, 9ms, 9ms + 101us), 0us);
  EXPECT_EQ(gaps.wide(), 2u) << "the earlier event is wide";
}

TEST(GapHistograms, AGapBelowZeroCountsAsNone) {
  GapHistograms gaps;
  gaps.Add({.length = -1ms, .low = 0ms, .high = -1ms}, 0ms);
  EXPECT_EQ(gaps.Nominal().max(), Nanos{0});
}

}  // namespace
}  // namespace sseprof::gap_histograms_test
