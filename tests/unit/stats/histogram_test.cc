#include "sseprof/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "sseprof/quantile.h"

namespace sseprof::histogram_test {
namespace {

constexpr std::int64_t kRange = std::int64_t{1} << 44;

std::vector<std::int64_t> RandomSpans(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> spans(16, 2);
  std::vector<std::int64_t> values(count);
  for (auto& value : values) value = static_cast<std::int64_t>(spans(random));
  return values;
}

Histogram Of(const std::vector<std::int64_t>& values) {
  Histogram histogram;
  for (const std::int64_t value : values) EXPECT_TRUE(histogram.Record(Nanos{value}));
  return histogram;
}

TEST(Histogram, ValuesBelow2048AreExact) {
  for (const std::int64_t value : {0, 1, 2, 1023, 1024, 1025, 2047}) {
    Histogram histogram;
    histogram.Record(Nanos{0});
    histogram.Record(Nanos{value});
    histogram.Record(Nanos{1'000'000});
    EXPECT_EQ(histogram.QuantileNanos(0.5), static_cast<double>(value));
  }
}

TEST(Histogram, AMiddleIsWithinHalfAPerMilleOfEveryValueInItsSlot) {
  std::vector<std::int64_t> values = {7'000'000, kRange - 2, 2048, 4095, 4096, 999'999'999'999};
  for (const std::int64_t random : RandomSpans(2000, 7)) values.push_back(random);
  for (const std::int64_t value : values) {
    Histogram histogram;
    histogram.Record(Nanos{0});
    histogram.Record(Nanos{value});
    histogram.Record(Nanos{kRange - 1});
    const double exact = static_cast<double>(value);
    EXPECT_NEAR(histogram.QuantileNanos(0.5), exact, exact * 0.0005) << value;
  }
}

TEST(Histogram, TheWorkedValueOfTheHeaderHolds) {
  Histogram histogram;
  histogram.Record(Nanos{7'000'000});
  ASSERT_EQ(histogram.ToSparse().slots.size(), 1u);
  EXPECT_EQ(histogram.ToSparse().slots[0].first, 13'996u);
  histogram.Record(Nanos{6'995'968});
  histogram.Record(Nanos{7'000'063});
  EXPECT_EQ(histogram.ToSparse().slots.size(), 1u);
  EXPECT_EQ(histogram.QuantileNanos(0.5), 6'998'015.5);
  histogram.Record(Nanos{7'000'064});
  EXPECT_EQ(histogram.ToSparse().slots.size(), 2u);
}

TEST(Histogram, RefusesWhatIsOutOfRange) {
  Histogram histogram;
  EXPECT_FALSE(histogram.Record(Nanos{-1}));
  EXPECT_FALSE(histogram.Record(Nanos{kRange}));
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_TRUE(histogram.Record(Nanos{kRange - 1}));
  EXPECT_EQ(histogram.max(), Nanos{kRange - 1});
}

TEST(Histogram, QuantilesAreWithinHalfAPerMilleOfTheExactOnes) {
  const std::vector<std::int64_t> values = RandomSpans(20'000, 1);
  const Histogram histogram = Of(values);
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  for (const double p : {0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const double exact = QuantileOfSorted(sorted, p);
    EXPECT_NEAR(histogram.QuantileNanos(p), exact, exact * 0.0005) << p;
  }
}

TEST(Histogram, MeanAndDeviationAreThoseOfTheValuesThemselves) {
  Histogram histogram;
  for (std::int64_t i = 0; i < 2000; ++i) {
    histogram.Record(Nanos{7'000'000 + 1000 * ((37 * i * i + 11 * i) % 4001)});
  }
  EXPECT_DOUBLE_EQ(histogram.MeanNanos(), 8'950'735.0);
  EXPECT_NEAR(histogram.StddevNanos(), 1'159'991.8369432606, 1e-6);  // numpy.std
}

TEST(Histogram, DeviationOfEqualHugeValuesIsZero) {
  Histogram histogram;
  histogram.Record(Nanos{kRange - 5}, 1'000'000);
  EXPECT_EQ(histogram.StddevNanos(), 0);
  EXPECT_DOUBLE_EQ(histogram.MeanNanos(), static_cast<double>(kRange - 5));
}

TEST(Histogram, OneValueIsAllItsQuantiles) {
  const Histogram histogram = Of({123'456'789});
  for (const double p : {0.0, 0.5, 1.0}) EXPECT_EQ(histogram.QuantileNanos(p), 123'456'789.0);
}

TEST(Histogram, MergedPartsEqualTheWholeInAnyOrder) {
  const std::vector<std::int64_t> values = RandomSpans(3000, 3);
  const Histogram whole = Of(values);
  Histogram merged;
  merged.Merge(Of({values.begin() + 1000, values.end()}));
  merged.Merge(Histogram{});
  merged.Merge(Of({values.begin(), values.begin() + 1000}));
  EXPECT_EQ(merged.ToSparse().slots, whole.ToSparse().slots);
  EXPECT_EQ(merged.ToSparse().sum_squares, whole.ToSparse().sum_squares);
  EXPECT_EQ(merged.min(), whole.min());
  EXPECT_EQ(merged.max(), whole.max());
}

TEST(Histogram, CountsAndSumsWhatLiesAbove) {
  const Histogram histogram = Of({1, 5, 5, 100, 1000});
  EXPECT_EQ(histogram.CountAbove(Nanos{5}), 2u);
  EXPECT_EQ(histogram.CountAbove(Nanos{-1}), 5u);
  EXPECT_EQ(histogram.CountAbove(Nanos{kRange}), 0u);
  EXPECT_EQ(histogram.SumAboveNanos(Nanos{5}), 1100.0);
  EXPECT_EQ(histogram.SumAboveNanos(Nanos{-1}), 1111.0);
  EXPECT_EQ(histogram.SumAboveNanos(Nanos{kRange}), 0.0);
}

TEST(Histogram, SparseFormReadsBackTheSame) {
  for (const Histogram& histogram : {Of({}), Of({0}), Of(RandomSpans(500, 9))}) {
    const Histogram::Sparse sparse = histogram.ToSparse();
    const auto back = Histogram::FromSparse(sparse);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->count(), histogram.count());
    EXPECT_EQ(back->ToSparse().slots, sparse.slots);
    EXPECT_EQ(back->ToSparse().sum_ns, sparse.sum_ns);
    EXPECT_EQ(back->ToSparse().sum_squares, sparse.sum_squares);
    EXPECT_EQ(back->ToSparse().min_ns, sparse.min_ns);
    EXPECT_EQ(back->ToSparse().max_ns, sparse.max_ns);
  }
}

TEST(Histogram, SparseFormThatCannotBeIsRefused) {
  const Histogram::Sparse good = Of({10, 20}).ToSparse();
  ASSERT_TRUE(Histogram::FromSparse(good));
  const auto refused = [&](auto change) {
    Histogram::Sparse bad = good;
    change(bad);
    return !Histogram::FromSparse(bad);
  };
  EXPECT_TRUE(refused([](auto& s) { s.sum_ns = "12x"; }));
  EXPECT_TRUE(refused([](auto& s) { s.sum_ns = ""; }));
  EXPECT_TRUE(refused([](auto& s) { s.sum_ns = "999999999999999999999999999999999999999999"; }));
  EXPECT_TRUE(refused([](auto& s) { s.slots[1].first = 40'000; }));
  EXPECT_TRUE(refused([](auto& s) { s.slots[1].first = 10; }));
  EXPECT_TRUE(refused([](auto& s) { s.slots[1].second = 0; }));
  EXPECT_TRUE(refused([](auto& s) { s.slots[1].second = ~std::uint64_t{0}; }));
  EXPECT_TRUE(refused([](auto& s) { s.min_ns = 11; }));
  EXPECT_TRUE(refused([](auto& s) { s.max_ns = -1; }));
  EXPECT_TRUE(refused([](auto& s) { s.slots.clear(); }));
}

}  // namespace
}  // namespace sseprof::histogram_test
