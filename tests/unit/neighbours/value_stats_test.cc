#include "neighbours/value_stats.h"

#include <gtest/gtest.h>

namespace sseprof::value_stats_test {
namespace {

TEST(ValueStats, AreThoseOfThePopulation) {
  const ValueStats stats({5, 2, 4, 4, 4, 5, 7, 9});
  EXPECT_EQ(stats.count(), 8u);
  EXPECT_EQ(stats.sum(), 40);
  EXPECT_EQ(stats.Mean(), 5);
  EXPECT_EQ(stats.Std(), 2);
  EXPECT_EQ(stats.Min(), 2);
  EXPECT_EQ(stats.Max(), 9);
}

TEST(ValueStats, InterpolateQuantilesLinearly) {
  const ValueStats stats({40, 10, 20, 30});
  EXPECT_DOUBLE_EQ(stats.Quantile(0.5), 25);
  EXPECT_DOUBLE_EQ(stats.Quantile(0.99), 39.7);
  EXPECT_DOUBLE_EQ(stats.Quantile(0), 10);
}

TEST(ValueStats, OfOneValueAreThatValue) {
  const ValueStats stats({3});
  EXPECT_EQ(stats.Mean(), 3);
  EXPECT_EQ(stats.Std(), 0);
  EXPECT_EQ(stats.Quantile(0.99), 3);
}

}  // namespace
}  // namespace sseprof::value_stats_test
