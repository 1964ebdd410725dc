#include "plots/span_counts.h"

#include <gtest/gtest.h>

#include <random>

#include "sseprof/histogram.h"

namespace sseprof::span_counts_test {
namespace {

using namespace std::chrono_literals;

TEST(SpanCounts, SmallSpansAreExact) {
  SpanCounts counts;
  for (const int span : {5, 1, 3}) counts.Add(Nanos{span});
  EXPECT_EQ(counts.count(), 3u);
  EXPECT_EQ(counts.QuantileNanos(0), 1);
  EXPECT_EQ(counts.QuantileNanos(0.5), 3);
  EXPECT_EQ(counts.QuantileNanos(0.75), 4);
  EXPECT_EQ(counts.MaxNanos(), 5);
}

TEST(SpanCounts, EndsAreExactAndTheRestWithin2Permille) {
  SpanCounts counts;
  Histogram exacter;
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const Nanos span{static_cast<std::int64_t>(1'000'000 + random() % 900'000'000)};
    counts.Add(span);
    exacter.Record(span);
  }
  EXPECT_EQ(counts.QuantileNanos(0), static_cast<double>(exacter.min().count()));
  EXPECT_EQ(counts.QuantileNanos(1), static_cast<double>(exacter.max().count()));
  for (const double p : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    EXPECT_NEAR(counts.QuantileNanos(p) / exacter.QuantileNanos(p), 1, 0.003) << p;
  }
}

TEST(SpanCounts, MergedIsAsIfAddedToOne) {
  SpanCounts one, other, all, none;
  for (int i = 0; i < 100; ++i) {
    const Nanos span = (i + 1) * 700us;
    (i % 3 == 0 ? one : other).Add(span);
    all.Add(span);
  }
  one.Merge(other);
  one.Merge(none);
  EXPECT_EQ(one.count(), all.count());
  for (const double p : {0.0, 0.25, 0.5, 0.99, 1.0}) {
    EXPECT_EQ(one.QuantileNanos(p), all.QuantileNanos(p)) << p;
  }
}

TEST(SpanCounts, WhatIsOutOfRangeCountsAtItsEdge) {
  SpanCounts counts;
  counts.Add(-5ns);
  counts.Add(24h);
  EXPECT_EQ(counts.QuantileNanos(0), 0);
  EXPECT_EQ(counts.MaxNanos(), static_cast<double>((std::int64_t{1} << 44) - 1));
}

}  // namespace
}  // namespace sseprof::span_counts_test
