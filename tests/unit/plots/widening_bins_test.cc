#include "plots/widening_bins.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace sseprof::widening_bins_test {
namespace {

using namespace std::chrono_literals;

struct Count {
  int n = 0;
  void Merge(const Count& other) { n += other.n; }
};

int Sum(const std::vector<Count>& cells) {
  int sum = 0;
  for (const Count& cell : cells) sum += cell.n;
  return sum;
}

TEST(WideningBins, AnInstantIsInTheBinThatBeginsAtIt) {
  WideningBins<Count> bins;
  ++bins.At(0s).n;
  ++bins.At(99ms).n;
  ++bins.At(100ms).n;
  ++bins.At(-3s).n;  // before the origin counts at it
  const auto cells = bins.InBinsOf(bins.width());
  ASSERT_EQ(cells.size(), 2u);
  EXPECT_EQ(cells[0].n, 3);
  EXPECT_EQ(cells[1].n, 1);
}

TEST(WideningBins, WidenAsTheRunGoesOnAndLoseNothing) {
  WideningBins<Count> bins;
  for (int second = 0; second < 4'000; ++second) ++bins.At(second * 1s).n;
  EXPECT_EQ(bins.width(), 10s);
  const auto cells = bins.InBinsOf(20s);
  ASSERT_EQ(cells.size(), 200u);
  EXPECT_TRUE(std::all_of(cells.begin(), cells.end(), [](const Count& c) { return c.n == 20; }));
}

TEST(WideningBins, TheOrderDoesNotMatter) {
  std::vector<int> seconds(3'000);
  for (int i = 0; i < 3'000; ++i) seconds[static_cast<std::size_t>(i)] = i;
  WideningBins<Count> forth, mixed;
  for (const int s : seconds) ++forth.At(s * 1s).n;
  std::shuffle(seconds.begin(), seconds.end(), std::mt19937_64(3));
  for (const int s : seconds) ++mixed.At(s * 1s).n;
  EXPECT_EQ(forth.width(), mixed.width());
  const auto a = forth.InBinsOf(forth.width()), b = mixed.InBinsOf(mixed.width());
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].n, b[i].n) << i;
  EXPECT_EQ(Sum(a), 3'000);
}

}  // namespace
}  // namespace sseprof::widening_bins_test
