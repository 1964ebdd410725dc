#include "stats/distribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sseprof::distribution_test {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(Distribution, OfNothingIsAbsent) {
  for (const Distribution& empty :
       {DistributionOfNanos({}), DistributionOf(Histogram{}), DistributionOfValues({}, 1)}) {
    EXPECT_EQ(empty.count, 0u);
    EXPECT_FALSE(empty.p50);
    EXPECT_FALSE(empty.mean);
    EXPECT_FALSE(empty.stddev);
  }
}

TEST(Distribution, OfSpansIsExact) {
  const Distribution d =
      DistributionOfNanos({12 * kSecond, 7 * kSecond, 3 * kSecond, 9 * kSecond, 15 * kSecond,
                           8 * kSecond, 30 * kSecond, 5 * kSecond, 11 * kSecond, 6 * kSecond});
  EXPECT_EQ(d.count, 10u);
  EXPECT_DOUBLE_EQ(*d.p50, 8.5);
  EXPECT_DOUBLE_EQ(*d.p90, 16.499999999999993);
  EXPECT_DOUBLE_EQ(*d.p95, 23.249999999999986);
  EXPECT_DOUBLE_EQ(*d.p99, 28.65);
  EXPECT_DOUBLE_EQ(*d.p999, 29.865);
  EXPECT_DOUBLE_EQ(*d.mean, 10.6);
  EXPECT_DOUBLE_EQ(*d.stddev, 7.28285658241325);
  EXPECT_EQ(*d.min, 3);
  EXPECT_EQ(*d.max, 30);
}

TEST(Distribution, OfValuesDividesEachByTheDivisor) {
  const Distribution d = DistributionOfValues({400, 100, 200, 700}, 1000);
  EXPECT_DOUBLE_EQ(*d.p50, 0.3);
  EXPECT_DOUBLE_EQ(*d.mean, 0.35);
  EXPECT_DOUBLE_EQ(*d.max, 0.7);
  EXPECT_NEAR(*d.stddev, 0.229128784747792, 1e-15);
}

TEST(Distribution, OfAHistogramAgreesWithTheExactOne) {
  Histogram histogram;
  std::vector<std::int64_t> values;
  for (std::int64_t i = 1; i <= 1000; ++i) {
    values.push_back(i * 12'345);
    histogram.Record(Nanos{i * 12'345});
  }
  const Distribution exact = DistributionOfNanos(values);
  const Distribution coarse = DistributionOf(histogram);
  EXPECT_DOUBLE_EQ(*coarse.mean, *exact.mean);
  EXPECT_DOUBLE_EQ(*coarse.stddev, *exact.stddev);
  EXPECT_EQ(coarse.min, exact.min);
  EXPECT_EQ(coarse.max, exact.max);
  for (const QuantileField& quantile : kQuantiles) {
    const double value = *(exact.*quantile.value);
    EXPECT_NEAR(*(coarse.*quantile.value), value, value * 0.0005) << quantile.name;
  }
}

TEST(Distribution, AQuantileIsWeakWithFewerThanTenBeyondIt) {
  EXPECT_THAT(WeakQuantiles(0), ElementsAre("p50", "p90", "p95", "p99", "p999"));
  EXPECT_THAT(WeakQuantiles(20), ElementsAre("p90", "p95", "p99", "p999"));
  EXPECT_THAT(WeakQuantiles(99.9), ElementsAre("p90", "p95", "p99", "p999"));
  EXPECT_THAT(WeakQuantiles(100), ElementsAre("p95", "p99", "p999"));
  EXPECT_THAT(WeakQuantiles(1000), ElementsAre("p999"));
  EXPECT_THAT(WeakQuantiles(10'000), ElementsAre());
}

}  // namespace
}  // namespace sseprof::distribution_test
