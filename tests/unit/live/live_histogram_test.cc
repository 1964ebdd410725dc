#include "live/live_histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace sseprof::live_histogram_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

/// 100 us, 1 ms, 10 ms, 20 ms.
const BucketEdges kEdges(1, 100us, 20ms);

BucketCounts CountsOf(const std::vector<Nanos>& values) {
  LiveHistogram histogram(kEdges);
  for (const Nanos value : values) histogram.Record(value);
  BucketCounts counts(kEdges);
  histogram.AddTo(counts);
  return counts;
}

TEST(LiveCountTest, AddsUp) {
  LiveCount count;
  EXPECT_EQ(count.Read(), 0);
  count.Add(5);
  count.Add(-2);
  EXPECT_EQ(count.Read(), 3);
}

TEST(LiveHistogramTest, CountsByBucketAndSums) {
  const BucketCounts counts = CountsOf({50us, 100us, 101us, 10ms, 15ms, 1h});
  EXPECT_THAT(counts.counts, ElementsAre(2, 1, 1, 1, 1));
  EXPECT_EQ(counts.Count(), 6);
  EXPECT_EQ(counts.sum, 50us + 100us + 101us + 10ms + 15ms + 1h);
}

TEST(LiveHistogramTest, WhatIsBelowZeroCountsAsZero) {
  const BucketCounts counts = CountsOf({-5s, 0ns, 3us});
  EXPECT_THAT(counts.counts, ElementsAre(3, 0, 0, 0, 0));
  EXPECT_EQ(counts.sum, 3us);
}

TEST(LiveHistogramTest, ABatchCountsAsItsSpansDoOneByOne) {
  const std::vector<Nanos> values = {50us, 100us, 100us, 101us, -1s,  0ns, 9ms, 10ms,
                                     11ms, 1h,    1h,    20ms,  20ms, 1ns, 1h,  100us};
  LiveHistogram histogram(kEdges);
  {
    LiveHistogram::Batch batch(histogram);
    for (const Nanos value : values) batch.Record(value);
  }
  BucketCounts counts(kEdges);
  histogram.AddTo(counts);
  EXPECT_EQ(counts.counts, CountsOf(values).counts);
  EXPECT_EQ(counts.sum, CountsOf(values).sum);
  EXPECT_THAT(counts.counts, ElementsAre(7, 1, 2, 3, 3));
}

TEST(LiveHistogramTest, SeveralAddUpInOneSum) {
  LiveHistogram first(kEdges), second(kEdges);
  first.Record(50us);
  first.Record(2ms);
  second.Record(3ms);
  second.Record(1min);
  BucketCounts sum(kEdges);
  first.AddTo(sum);
  second.AddTo(sum);
  EXPECT_THAT(sum.counts, ElementsAre(1, 0, 2, 0, 1));
  EXPECT_EQ(sum.sum, 50us + 5ms + 1min);
}

TEST(BucketCountsTest, WhatWasAddedCanBeTakenAway) {
  const BucketCounts earlier = CountsOf({50us, 2ms});
  BucketCounts sum = CountsOf({3ms, 1min});
  sum.Add(earlier);
  EXPECT_THAT(sum.counts, ElementsAre(1, 0, 2, 0, 1));
  EXPECT_EQ(sum.sum, 50us + 5ms + 1min);
  sum.Subtract(earlier);
  EXPECT_THAT(sum.counts, ElementsAre(0, 0, 1, 0, 1));
  EXPECT_EQ(sum.sum, 3ms + 1min);
}

// By hand, as histogram_quantile does it: rank = p x count; lower + (upper - lower) x (rank - what
// lies below the bucket) / what lies in it.
TEST(BucketCountsTest, QuantilesAreLinearInTheirBucket) {
  const BucketCounts counts = CountsOf({50us, 2ms, 3ms, 4ms, 5ms, 11ms, 12ms, 13ms, 14ms, 15ms});
  EXPECT_EQ(counts.Quantile(0), 0ns);
  EXPECT_EQ(counts.Quantile(0.05), 50us);    // rank 0.5 of 1 in (0, 100 us]
  EXPECT_EQ(counts.Quantile(0.1), 100us);    // rank 1 of 1: the bucket's end
  EXPECT_EQ(counts.Quantile(0.2), 3'250us);  // rank 1 of 4 in (1, 10] ms
  EXPECT_EQ(counts.Quantile(0.5), 10ms);     // rank 4 of 4
  EXPECT_EQ(counts.Quantile(0.75), 15ms);    // rank 2.5 of 5 in (10, 20] ms
  EXPECT_EQ(counts.Quantile(1), 20ms);
}

TEST(BucketCountsTest, AQuantileBeyondAllEdgesIsTheGreatestEdge) {
  const BucketCounts counts = CountsOf({50us, 1min, 2min});
  EXPECT_EQ(counts.Quantile(0.99), 20ms);
  EXPECT_EQ(CountsOf({1min}).Quantile(0.5), 20ms);
}

TEST(BucketCountsTest, EmptyBucketsBeforeTheFirstValueAreSkipped) {
  EXPECT_EQ(CountsOf({2ms, 3ms}).Quantile(0), 1ms);
  EXPECT_EQ(CountsOf({2ms, 3ms}).Quantile(0.5), 5'500us);
}

// What one thread records another may read: no value is ever lost or seen to fall.
TEST(LiveHistogramTest, OneThreadRecordsWhileAnotherReads) {
  LiveHistogram histogram(kEdges);
  std::atomic<bool> over{false};
  std::thread writer([&] {
    for (int i = 0; i < 50'000; ++i) histogram.Record(std::chrono::microseconds(i));
    over.store(true);
  });
  std::int64_t last = 0;
  while (!over.load()) {
    BucketCounts counts(kEdges);
    histogram.AddTo(counts);
    EXPECT_GE(counts.Count(), last);
    last = counts.Count();
  }
  writer.join();
  BucketCounts counts(kEdges);
  histogram.AddTo(counts);
  EXPECT_EQ(counts.Count(), 50'000);
  EXPECT_EQ(counts.sum, 1us * (49'999LL * 50'000 / 2));
}

}  // namespace
}  // namespace sseprof::live_histogram_test
