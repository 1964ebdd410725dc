#include "page/curves.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sseprof/quantile.h"

namespace sseprof::curves_test {
namespace {

using namespace std::chrono_literals;

/// 1 to n milliseconds times `scale`.
std::vector<double> Ramp(int n, double scale = 1) {
  std::vector<double> values;
  for (int i = 1; i <= n; ++i) values.push_back(i * 1e-3 * scale);
  return values;
}

ValueSet SetOf(const std::vector<double>& values, double independent = 1e9) {
  return {.count = values.size(), .independent = independent, .quantile_s = [&values](double p) {
            return QuantileOfSorted(values, p);
          }};
}

/// A run with one gap a millisecond, of 10 ms and now and then more.
RunData RunWithGaps(int gaps, double scale) {
  std::vector<Observation> observations;
  for (int i = 0; i < gaps; ++i) {
    observations.push_back({.value = scale * 1e7 * (1 + (i * 7919 % 100) / 100.0), .at = i * 1ms});
  }
  RunData run;
  run.samples.emplace();
  run.samples->itl = Sample(std::move(observations), Sample::Unit::kInstants);
  return run;
}

TEST(Curves, EachDecadeHas24Points) {
  EXPECT_NEAR(ProbabilityAt(23), 0.9, 1e-12);
  EXPECT_NEAR(ProbabilityAt(47), 0.99, 1e-12);
}

TEST(Curves, ASpectrumEndsWhereOneValueIsBeyond) {
  const std::vector<double> values = Ramp(1'000);
  const Spectrum spectrum = SpectrumOf({SetOf(values, 500)});
  ASSERT_EQ(spectrum.typical.size(), 72u);  // three decades
  EXPECT_NEAR(*spectrum.typical[23], QuantileOfSorted(values, 0.9), 1e-12);
  EXPECT_EQ(spectrum.least, spectrum.typical);
  EXPECT_NEAR(spectrum.sure_until, std::log10(50), 1e-12);
}

TEST(Curves, RepeatsGiveTheirGeometricMeanAndRange) {
  const std::vector<double> one = Ramp(100), other = Ramp(100, 4);
  const Spectrum spectrum = SpectrumOf({SetOf(one, 50), SetOf(other, 50)});
  EXPECT_NEAR(*spectrum.typical[23] / *spectrum.least[23], 2, 1e-9);
  EXPECT_NEAR(*spectrum.most[23] / *spectrum.least[23], 4, 1e-9);
  EXPECT_NEAR(spectrum.sure_until, 1, 1e-12);
}

TEST(Curves, AQuantileOf0HasNoPoint) {
  const std::vector<double> values = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3};
  const Spectrum spectrum = SpectrumOf({SetOf(values)});
  EXPECT_FALSE(spectrum.typical[6]);
  EXPECT_TRUE(spectrum.typical.back());
}

TEST(Curves, TooFewValuesHaveNoCurve) {
  EXPECT_TRUE(SpectrumOf({ValueSet{}}).typical.empty());
  EXPECT_TRUE(CumulativeOf({{ValueSet{}}}).at_s.empty());
}

TEST(Curves, ADifferenceIsThatOfTheSpectra) {
  const Variant a{.name = "a", .runs = {RunWithGaps(4'000, 1), RunWithGaps(4'000, 1.02)}};
  const Variant b{.name = "b", .runs = {RunWithGaps(4'000, 0.9), RunWithGaps(4'000, 0.918)}};
  const DifferenceCurve curve = DifferenceBetween(a, b, PlottedMetric::kItl, 0.01);
  ASSERT_GT(curve.percent.size(), 48u);
  EXPECT_NEAR(*curve.percent[23], -10, 1e-6);
  ASSERT_TRUE(curve.lower[23] && curve.upper[23]);
  EXPECT_LT(*curve.lower[23], -10);
  EXPECT_GT(*curve.upper[23], -10);
}

TEST(Curves, ThereIsNoIntervalWhereTooLittleLiesBeyond) {
  const Variant a{.name = "a", .runs = {RunWithGaps(1'000, 1)}};
  const Variant b{.name = "b", .runs = {RunWithGaps(1'000, 0.9)}};
  const DifferenceCurve curve = DifferenceBetween(a, b, PlottedMetric::kItl, 0.01);
  ASSERT_EQ(curve.percent.size(), 72u);
  EXPECT_TRUE(curve.lower[10]);
  EXPECT_FALSE(curve.lower[60]);  // p99.7 of 1,000 instants
  EXPECT_TRUE(curve.percent[60]);
}

TEST(Curves, WithoutRecordsThereIsNoDifference) {
  const Variant none{.name = "a", .runs = {RunData{}}};
  EXPECT_TRUE(DifferenceBetween(none, none, PlottedMetric::kItl, 0.01).percent.empty());
}

TEST(Curves, SharesRiseFrom1To99Percent) {
  const std::vector<double> values = Ramp(1'000);
  const Cumulative cumulative = CumulativeOf({{SetOf(values)}});
  ASSERT_EQ(cumulative.at_s.size(), 160u);
  EXPECT_NEAR(cumulative.at_s.back(), 0.995, 0.001);
  ASSERT_EQ(cumulative.percent.size(), 1u);
  EXPECT_NEAR(cumulative.percent[0].front(), 1, 0.1);
  EXPECT_NEAR(cumulative.percent[0].back(), 99.5, 0.1);
  for (std::size_t i = 1; i < 160; ++i) {
    EXPECT_LE(cumulative.percent[0][i - 1], cumulative.percent[0][i]);
  }
}

TEST(Curves, ValuesOf0LeaveTheRoomToTheOthers) {
  std::vector<double> values(300, 0.0);
  for (int i = 0; i < 700; ++i) values.push_back(0.010 + i * 1e-6);
  const Cumulative cumulative = CumulativeOf({{SetOf(values)}});
  EXPECT_GT(cumulative.at_s.front(), 0.0001 * 0.99);
  EXPECT_NEAR(cumulative.percent[0].front(), 30, 0.1);
}

TEST(Curves, AGroupWithoutValuesHasNoShares) {
  const std::vector<double> values = Ramp(100);
  const Cumulative cumulative = CumulativeOf({{SetOf(values)}, {ValueSet{}}});
  EXPECT_EQ(cumulative.percent[0].size(), 160u);
  EXPECT_TRUE(cumulative.percent[1].empty());
}

}  // namespace
}  // namespace sseprof::curves_test
