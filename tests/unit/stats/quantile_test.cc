#include "sseprof/quantile.h"

#include <gtest/gtest.h>

#include <vector>

namespace sseprof::quantile_test {
namespace {

struct Case {
  std::vector<double> sorted;
  double p;
  double numpy;
};

TEST(Quantile, EqualsNumpy) {
  const std::vector<double> ten = {3, 5, 6, 7, 8, 9, 11, 12, 15, 30};
  const std::vector<double> four = {0.1, 0.2, 0.4, 0.7};
  const std::vector<Case> cases = {
      {ten, 0, 3},
      {ten, 0.25, 6.25},
      {ten, 0.5, 8.5},
      {ten, 0.9, 16.499999999999993},
      {ten, 0.95, 23.249999999999986},
      {ten, 0.99, 28.650000000000002},
      {ten, 0.999, 29.864999999999995},
      {ten, 1, 30},
      {four, 0.5, 0.30000000000000004},
      {four, 0.9, 0.61},
      {four, 0.95, 0.6549999999999998},
      {four, 0.99, 0.6909999999999998},
      {four, 0.999, 0.6990999999999999},
      {{5}, 0.99, 5},
  };
  for (const Case& c : cases) EXPECT_DOUBLE_EQ(QuantileOfSorted(c.sorted, c.p), c.numpy) << c.p;
}

TEST(Quantile, NeverLeavesTheValuesItLiesBetween) {
  const std::vector<double> equal(7, 0.1 + 0.2);
  for (double p = 0; p <= 1; p += 0.037) EXPECT_EQ(QuantileOfSorted(equal, p), 0.1 + 0.2);
}

}  // namespace
}  // namespace sseprof::quantile_test
