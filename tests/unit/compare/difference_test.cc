#include "compare/difference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "unit/compare/reference_sets.h"

namespace sseprof::difference_test {
namespace {

std::vector<double> Logs(std::vector<double> values) {
  for (double& value : values) value = std::log(value);
  return values;
}

double Percent(double log_ratio) { return 100 * std::expm1(log_ratio); }

const std::vector<double> kA = Logs({7.51, 7.58, 7.49});

struct Expected {
  double percent, lower, upper, p, df;
};

void ExpectDifference(const Difference& found, const Expected& expected) {
  EXPECT_NEAR(Percent(found.log_ratio), expected.percent, 5e-5);
  EXPECT_NEAR(Percent(found.lower), expected.lower, 5e-5);
  EXPECT_NEAR(Percent(found.upper), expected.upper, 5e-5);
  EXPECT_NEAR(found.p, expected.p, 5e-9);
  EXPECT_NEAR(found.df, expected.df, 5e-6);
}

TEST(DifferenceOfRepeatsTest, AsManyRunsOfBoth) {
  ExpectDifference(DifferenceOfRepeats(kA, Logs({7.90, 8.01, 7.86})),
                   {5.2682, 3.3255, 7.2474, 0.00156693, 4});
  ExpectDifference(DifferenceOfRepeats(kA, Logs({7.53, 7.50, 7.56})),
                   {0.0451, -1.1392, 1.2435, 0.92138367, 4});
  ExpectDifference(DifferenceOfRepeats(kA, Logs({7.62, 7.70, 7.58})),
                   {1.4164, -0.2220, 3.0816, 0.07454761, 4});
}

TEST(DifferenceOfRepeatsTest, MoreRunsOfOne) {
  const Difference two = DifferenceOfRepeats(kA, Logs({7.90, 8.01}));
  ExpectDifference(two, {5.6897, 1.1063, 10.4810, 0.03568201, 1.56457});
  EXPECT_TRUE(two.unequal);
  const Difference one = DifferenceOfRepeats(kA, Logs({7.90}));
  ExpectDifference(one, {4.9615, 1.7424, 8.2825, 0.02162965, 2});
  EXPECT_TRUE(one.assumed_spread);
}

TEST(DifferenceOfRepeatsTest, RunsThatDoNotVary) {
  const std::vector<double> same = Logs({7.5, 7.5});
  const Difference none = DifferenceOfRepeats(same, same);
  EXPECT_EQ(none.p, 1);
  EXPECT_EQ(none.lower, 0);
  EXPECT_EQ(none.upper, 0);
  EXPECT_EQ(DifferenceOfRepeats(same, Logs({7.6, 7.6})).p, 0);
}

TEST(DifferenceOfRepeatsTest, RunsThatDoNotVaryHoweverMany) {
  for (std::size_t runs = 1; runs <= 12; ++runs) {
    const std::vector<double> many = Logs(std::vector<double>(runs, 7.3));
    const Difference none = DifferenceOfRepeats(Logs({7.3, 7.3, 7.3}), many);
    EXPECT_EQ(none.log_ratio, 0) << runs;
    EXPECT_EQ(none.lower, 0) << runs;
    EXPECT_EQ(none.upper, 0) << runs;
    EXPECT_EQ(none.p, 1) << runs;
  }
}

TEST(DifferenceOfRepeatsTest, ASetAgainstItselfAndTurnedRound) {
  EXPECT_EQ(DifferenceOfRepeats(kA, kA).log_ratio, 0);
  EXPECT_NEAR(DifferenceOfRepeats(kA, kA).p, 1, 1e-12);
  for (const auto& b : {Logs({7.90, 8.01, 7.86}), Logs({7.90, 8.01}), Logs({7.90})}) {
    const Difference there = DifferenceOfRepeats(kA, b), back = DifferenceOfRepeats(b, kA);
    EXPECT_NEAR(there.log_ratio, -back.log_ratio, 1e-12);
    EXPECT_NEAR(there.lower, -back.upper, 1e-12);
    EXPECT_NEAR(there.upper, -back.lower, 1e-12);
    EXPECT_NEAR(there.p, back.p, 1e-12);
  }
}

TEST(FurtherRunsNeededTest, TheReferenceSets) {
  const double margin = std::log1p(0.02);
  const Difference open = DifferenceOfRepeats(kA, Logs({7.62, 7.70, 7.58}));
  EXPECT_NEAR(100 * open.s, 0.71842, 5e-6);
  EXPECT_EQ(FurtherRunsNeeded(open, 3, margin), 3);
  const Difference wild = DifferenceOfRepeats(kA, Logs({7.5, 7.9, 7.3}));
  EXPECT_NEAR(100 * wild.s, 2.87306, 5e-6);
  EXPECT_EQ(FurtherRunsNeeded(wild, 3, margin), 59 - 3);
  const Difference hopeless = DifferenceOfRepeats(kA, Logs({7.5, 8.2, 6.9}));
  EXPECT_EQ(FurtherRunsNeeded(hopeless, 3, margin), std::nullopt);
}

class DifferenceOfRunsTest : public ::testing::Test {
 protected:
  static RunEstimate Quantile(const std::vector<Observation>& run, double p) {
    return EstimateQuantile(Gaps(run), p).estimate.value();
  }
  static RunEstimate Mean(const std::vector<Observation>& run) {
    return EstimateMean(Gaps(run)).estimate.value();
  }
  static void Expect(const Difference& found, const Expected& expected) {
    EXPECT_NEAR(Percent(found.log_ratio), expected.percent, 5e-5);
    EXPECT_NEAR(Percent(found.lower), expected.lower, 5e-5);
    EXPECT_NEAR(Percent(found.upper), expected.upper, 5e-5);
    EXPECT_NEAR(found.p, expected.p, 5e-7);
  }
};

TEST_F(DifferenceOfRunsTest, TheReferenceRuns) {
  const auto a = ReferenceA(), b = ReferenceB();
  Expect(DifferenceOfRuns(Quantile(a, 0.5), Quantile(b, 0.5), 0.01),
         {5.6013, 1.8039, 9.0637, 0.003536, 0});
  Expect(DifferenceOfRuns(Quantile(a, 0.95), Quantile(b, 0.95), 0.01),
         {3.4158, 0.4987, 6.4953, 0.021408, 0});
  Expect(DifferenceOfRuns(Mean(a), Mean(b), 0.01), {5.2280, 2.1413, 8.4079, 0.000794, 0});
  const Difference cliff = DifferenceOfRuns(Quantile(a, 0.99), Quantile(b, 0.99), 0.01);
  EXPECT_NEAR(Percent(cliff.log_ratio), 10.9267, 5e-5);
  EXPECT_NEAR(Percent(cliff.lower), -58.436, 5e-4);
  EXPECT_NEAR(Percent(cliff.upper), 175.6734, 5e-5);
  EXPECT_NEAR(cliff.p, 0.835971, 5e-7);
}

TEST_F(DifferenceOfRunsTest, WithoutNoiseFromRunToRun) {
  const auto a = ReferenceA(), b = ReferenceB();
  const auto expect = [](const Difference& found, double lower, double upper) {
    EXPECT_NEAR(Percent(found.lower), lower, 5e-5);
    EXPECT_NEAR(Percent(found.upper), upper, 5e-5);
  };
  expect(DifferenceOfRuns(Quantile(a, 0.5), Quantile(b, 0.5), 0), 3.1038, 7.3590);
  expect(DifferenceOfRuns(Quantile(a, 0.95), Quantile(b, 0.95), 0), 2.6842, 4.4165);
  expect(DifferenceOfRuns(Mean(a), Mean(b), 0), 4.0907, 6.3777);
}

TEST_F(DifferenceOfRunsTest, TurnedRoundItIsTheSameWithTheOtherSign) {
  const RunEstimate a = Quantile(ReferenceA(), 0.5), b = Quantile(ReferenceB(), 0.5);
  const Difference there = DifferenceOfRuns(a, b, 0.01), back = DifferenceOfRuns(b, a, 0.01);
  EXPECT_NEAR(there.log_ratio, -back.log_ratio, 1e-12);
  EXPECT_NEAR(there.lower, -back.upper, 1e-12);
  EXPECT_NEAR(there.upper, -back.lower, 1e-12);
  EXPECT_NEAR(there.p, back.p, 1e-12);
  EXPECT_EQ(DifferenceOfRuns(a, a, 0.01).log_ratio, 0);
  EXPECT_EQ(DifferenceOfRuns(a, a, 0.01).p, 1);
}

TEST_F(DifferenceOfRunsTest, PIsBelowFivePercentExactlyWhereTheIntervalLeavesZeroOut) {
  RunEstimate a = Quantile(ReferenceA(), 0.5);
  const RunEstimate b = Quantile(ReferenceB(), 0.5);
  int significant = 0;
  for (int step = -60; step <= 60; ++step) {
    RunEstimate moved = b;
    for (double* end : {&moved.log_point, &moved.log_lower, &moved.log_upper}) *end += step * 0.002;
    const Difference found = DifferenceOfRuns(a, moved, 0.01);
    EXPECT_EQ(found.p <= 0.05, found.lower > 0 || found.upper < 0) << step;
    significant += found.p <= 0.05 ? 1 : 0;
  }
  EXPECT_GT(significant, 20);
  EXPECT_LT(significant, 115);
}

TEST_F(DifferenceOfRunsTest, MoreNoiseNeverNarrows) {
  const RunEstimate a = Quantile(ReferenceA(), 0.5), b = Quantile(ReferenceB(), 0.5);
  double width = 0;
  for (const double noise : {0.0, 0.005, 0.01, 0.02, 0.1}) {
    const Difference found = DifferenceOfRuns(a, b, noise);
    EXPECT_LE(found.lower, found.log_ratio);
    EXPECT_GE(found.upper, found.log_ratio);
    EXPECT_GT(found.upper - found.lower, width);
    width = found.upper - found.lower;
  }
}

TEST_F(DifferenceOfRunsTest, SaysHowManyRequestsWouldDoUnlessNoneWould) {
  const RunEstimate a = Quantile(ReferenceA(), 0.5), b = Quantile(ReferenceB(), 0.5);
  const double margin = std::log1p(0.02);
  const Difference far = DifferenceOfRuns(a, b, 0.01);
  const double target = 0.7 * far.log_ratio;
  const double exact = 500 * far.half_inside * far.half_inside / (target * target - far.assumed);
  EXPECT_EQ(RequestsNeeded(far, 500, margin), RoundedUp(exact));
  EXPECT_EQ(RequestsNeeded(DifferenceOfRuns(a, a, 0.01), 500, margin), std::nullopt);
  Difference open = far;
  open.half_inside = HUGE_VAL;  // more would bound it, who knows how many
  EXPECT_EQ(RequestsNeeded(open, 500, margin), HUGE_VAL);
  open.log_ratio = 0;
  EXPECT_EQ(RequestsNeeded(open, 500, margin), std::nullopt);
}

TEST(RoundedUpTest, ToTwoDigits) {
  EXPECT_EQ(RoundedUp(1'234), 1'300);
  EXPECT_EQ(RoundedUp(1'200), 1'200);
  EXPECT_EQ(RoundedUp(99.5), 100);
  EXPECT_EQ(RoundedUp(7.1), 8);
}

TEST(AdjustedTest, TheReferenceSet) {
  const std::vector<double> p = {.001, .02, .03, .04, .8, .013};
  const std::vector<double> holm = {.006, .08, .09, .09, .8, .065};
  const std::vector<double> bh = {.006, .04, .045, .048, .8, .039};
  for (std::size_t i = 0; i < p.size(); ++i) {
    EXPECT_NEAR(HolmAdjusted(p)[i], holm[i], 1e-12);
    EXPECT_NEAR(BenjaminiHochbergAdjusted(p)[i], bh[i], 1e-12);
    EXPECT_LE(p[i], BenjaminiHochbergAdjusted(p)[i]);
    EXPECT_LE(BenjaminiHochbergAdjusted(p)[i], HolmAdjusted(p)[i] + 1e-12);
  }
  EXPECT_TRUE(HolmAdjusted({}).empty());
  EXPECT_TRUE(BenjaminiHochbergAdjusted({}).empty());
}

TEST(AdjustedTest, NoneIsSmallerThanTheRawOneByAnyBit) {
  for (int i = 1; i < 1'000; ++i) {
    const std::vector<double> p(25, i / 1'000.0);
    for (const double each : BenjaminiHochbergAdjusted(p)) EXPECT_GE(each, p[0]);
  }
}

TEST(DriftTest, TheReferenceSet) {
  std::vector<double> medians;
  for (int i = 0; i < 21; ++i) {
    medians.push_back(std::log(7) + .002 * i + .001 * ((5 * i) % 7));
  }
  const Drift drift = DriftOfMedians(medians);
  EXPECT_NEAR(drift.change, 0.028, 1e-12);
  EXPECT_NEAR(drift.t, 9.899495, 5e-7);
  EXPECT_TRUE(drift.found());
}

}  // namespace
}  // namespace sseprof::difference_test
