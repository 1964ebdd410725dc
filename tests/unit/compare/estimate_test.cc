#include "compare/estimate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "unit/compare/reference_sets.h"

namespace sseprof::estimate_test {
namespace {

using namespace std::chrono_literals;

struct Expected {
  double p, point, lower, upper, count, autocorrelation;
};

void ExpectQuantile(const Sample& sample, const Expected& expected) {
  const RunStatistic found = EstimateQuantile(sample, expected.p);
  ASSERT_TRUE(found.estimate) << found.refusal.reason;
  const RunEstimate& e = *found.estimate;
  EXPECT_NEAR(std::exp(e.log_point), expected.point, 0.05);
  EXPECT_NEAR(std::exp(e.log_lower), expected.lower, 0.05);
  EXPECT_NEAR(std::exp(e.log_upper), expected.upper, 0.05);
  EXPECT_NEAR(e.effective_count, expected.count, 5e-5);
  if (expected.autocorrelation > 0) {
    EXPECT_NEAR(e.autocorrelation, expected.autocorrelation, 5e-7);
  }
  EXPECT_EQ(e.blocks, 20);
  EXPECT_NEAR(e.effective_blocks, 20, 5e-4);  // an instant on an edge is of the later block
  EXPECT_NEAR(e.instants, 2'000, 1e-9);
}

TEST(EstimateTest, QuantilesOfTheReferenceRuns) {
  const Sample a = Gaps(ReferenceA()), b = Gaps(ReferenceB());
  ExpectQuantile(a, {0.5, 9051500, 8918685.9, 9242198.8, 529.5229, 0.291257});
  ExpectQuantile(a, {0.95, 10920000, 10823000.0, 10992865.4, 781.0130, 0.207511});
  ExpectQuantile(a, {0.99, 27677190, 11149000.0, 28701533.5, 1753.7881, 0});
  ExpectQuantile(b, {0.5, 9558500, 9446800.2, 9629000.0, 1708.8183, 0});
  ExpectQuantile(b, {0.95, 11293000, 11265000.0, 11334000.0, 1753.7881, 0});
  ExpectQuantile(b, {0.99, 30701390, 11516000.0, 31789274.3, 1753.7881, 0});
}

TEST(EstimateTest, MeansOfTheReferenceRuns) {
  const RunStatistic a = EstimateMean(Gaps(ReferenceA())), b = EstimateMean(Gaps(ReferenceB()));
  EXPECT_NEAR(std::exp(a.estimate->log_point), 9263885, 0.05);
  EXPECT_NEAR(std::exp(a.estimate->log_lower), 9185121.3, 0.05);
  EXPECT_NEAR(std::exp(a.estimate->log_upper), 9343324.1, 0.05);
  EXPECT_NEAR(a.estimate->autocorrelation, 0.101231, 5e-7);
  EXPECT_NEAR(std::exp(b.estimate->log_point), 9748200, 0.05);
  EXPECT_NEAR(std::exp(b.estimate->log_lower), 9682900.5, 0.05);
  EXPECT_NEAR(std::exp(b.estimate->log_upper), 9813939.9, 0.05);
}

TEST(EstimateTest, OfSpansTheRunHoldsAsManyAsFitIntoIt) {
  const Sample latency(ReferenceA(), Sample::Unit::kSpans, 1500ms);
  EXPECT_NEAR(latency.TailCount(0.5), 18.6667, 5e-5);
  const RunStatistic refused = EstimateQuantile(latency, 0.5);
  EXPECT_FALSE(refused.estimate);
  EXPECT_NEAR(refused.refusal.more.value(), 20 / 18.6667, 1e-5);
  const RunEstimate found = EstimateQuantileAnyway(latency, 0.5).estimate.value();
  EXPECT_EQ(found.blocks, 9);
  EXPECT_NEAR(std::exp(found.log_lower), 8894858.0, 0.05);
  EXPECT_NEAR(std::exp(found.log_upper), 9256000.0, 0.05);
  EXPECT_NEAR(found.effective_count, 440.5692, 5e-5);
}

TEST(EstimateTest, ATailThatNobodySawHasNoEstimate) {
  EXPECT_FALSE(EstimateQuantile(Gaps(ReferenceA()), 0.999).estimate);
  const Sample latency(ReferenceA(), Sample::Unit::kSpans, 6s);
  EXPECT_EQ(EstimateMean(latency).refusal.reason, "the run holds too few waves");
  EXPECT_EQ(EstimateMean(latency).refusal.more, std::nullopt);
}

TEST(EstimateTest, SixteenStreamsThatMoveTogetherSayNoMoreThanOne) {
  std::vector<Observation> copies;
  for (const Observation& gap : ReferenceA()) copies.insert(copies.end(), 16, gap);
  for (const double p : {0.5, 0.95, 0.99}) {
    const RunEstimate one = EstimateQuantile(Gaps(ReferenceA()), p).estimate.value();
    const RunEstimate many = EstimateQuantile(Gaps(copies), p).estimate.value();
    EXPECT_NEAR(many.effective_count, one.effective_count, 1e-6 * one.effective_count);
    EXPECT_NEAR(many.effective_blocks, one.effective_blocks, 1e-9);
    if (p == 0.99) continue;  // on a cliff, where the next observation is far away
    EXPECT_NEAR(many.log_lower, one.log_lower, 5e-4);
    EXPECT_NEAR(many.log_upper, one.log_upper, 5e-4);
  }
}

TEST(EstimateTest, TheOrderOfObservationsDoesNotMatter) {
  std::vector<Observation> shuffled = ReferenceA();
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(3));
  const RunEstimate one = EstimateMean(Gaps(ReferenceA())).estimate.value();
  const RunEstimate other = EstimateMean(Gaps(shuffled)).estimate.value();
  EXPECT_EQ(one.log_point, other.log_point);
  EXPECT_EQ(one.log_lower, other.log_lower);
  EXPECT_EQ(one.log_upper, other.log_upper);
}

TEST(EstimateTest, AnotherUnitMovesTheEndsAlongWithThePoint) {
  std::vector<Observation> scaled = ReferenceA();
  for (Observation& o : scaled) o.value *= 1.05;
  for (const double p : {0.5, 0.95}) {
    const RunEstimate one = EstimateQuantile(Gaps(ReferenceA()), p).estimate.value();
    const RunEstimate other = EstimateQuantile(Gaps(scaled), p).estimate.value();
    EXPECT_NEAR(other.log_point - one.log_point, std::log(1.05), 1e-12);
    EXPECT_NEAR(other.log_lower - one.log_lower, std::log(1.05), 1e-12);
    EXPECT_NEAR(other.log_upper - one.log_upper, std::log(1.05), 1e-12);
  }
}

TEST(EstimateTest, TheRateOfAnEvenStreamIsKnownExactly) {
  std::vector<Observation> tokens;
  for (int i = 1; i <= 2'000; ++i) tokens.push_back({.value = 2, .at = i * 10ms});
  const RunEstimate rate = EstimateRate(tokens, 0s, 20s).estimate.value();
  EXPECT_NEAR(std::exp(rate.log_point), 200, 1e-9);
  EXPECT_LT(rate.log_upper - rate.log_lower, 0.01);
  EXPECT_FALSE(EstimateRate({}, 0s, 20s).estimate);
}

TEST(EstimateTest, ARunThatGetsSlowerWandersAndASteadyOneDoesNot) {
  std::vector<Observation> steady, slower;
  std::mt19937 random(5);
  for (int i = 1; i <= 4'000; ++i) {
    const double gap = 1e7 + static_cast<double>(random() % 1'000'000);
    steady.push_back({.value = gap, .at = i * 10ms});
    slower.push_back({.value = gap + 500.0 * i, .at = i * 10ms});
  }
  EXPECT_LT(Wandering(Gaps(steady), 0s, 40s).value(), kMostWandering);
  EXPECT_GT(Wandering(Gaps(slower), 0s, 40s).value(), kMostWandering);
  EXPECT_EQ(Wandering(Gaps({}), 0s, 40s), std::nullopt);
}

}  // namespace
}  // namespace sseprof::estimate_test
