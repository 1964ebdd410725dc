#include "net/arrivals.h"

#include <gtest/gtest.h>

namespace sseprof::arrivals_test {
namespace {

using namespace std::chrono_literals;

Instant At(Nanos since) { return Instant{since}; }

QueueLook Look(std::vector<QueueLook::Point> points) {
  return {.bytes = points.back().length, .points = std::move(points)};
}

TEST(Arrivals, ABufferArrivedAfterTheSocketWasEmpty) {
  SocketArrivals arrivals;
  arrivals.EmptyAt(At(10ms));
  ASSERT_TRUE(arrivals.Begin(Look({{100, At(12ms), true}}), At(13ms)));
  const WireBuffer buffer = arrivals.At(0, At(13ms));
  EXPECT_EQ(buffer.at, At(12ms));
  EXPECT_EQ(buffer.width, Nanos{2ms});
  EXPECT_EQ(buffer.end, 100u);
  EXPECT_TRUE(buffer.end_known);
}

TEST(Arrivals, EachBufferArrivedAfterTheOneBefore) {
  SocketArrivals arrivals;
  arrivals.EmptyAt(At(10ms));
  ASSERT_TRUE(arrivals.Begin(
      Look({{100, At(12ms), true}, {200, At(15ms), true}, {300, At(21ms), true}}), At(30ms)));
  EXPECT_EQ(arrivals.At(99, At(30ms)).at, At(12ms));
  EXPECT_EQ(arrivals.At(100, At(30ms)).at, At(15ms));
  EXPECT_EQ(arrivals.At(100, At(30ms)).width, Nanos{3ms});
  EXPECT_EQ(arrivals.At(299, At(30ms)).width, Nanos{6ms});
}

TEST(Arrivals, ChunksOfOneMergedBufferShareItsInterval) {
  SocketArrivals arrivals;
  arrivals.EmptyAt(At(10ms));
  ASSERT_TRUE(arrivals.Begin(
      Look({{100, At(15ms), false}, {200, At(15ms), true}, {300, At(21ms), true}}), At(30ms)));
  EXPECT_EQ(arrivals.At(0, At(30ms)).width, Nanos{5ms});
  EXPECT_FALSE(arrivals.At(0, At(30ms)).end_known);
  EXPECT_EQ(arrivals.At(150, At(30ms)).width, Nanos{5ms});
  EXPECT_TRUE(arrivals.At(150, At(30ms)).end_known);
  EXPECT_EQ(arrivals.At(250, At(30ms)).width, Nanos{6ms});
}

TEST(Arrivals, ABufferThatEndsInsideTheNextChunkBoundsNothing) {
  SocketArrivals arrivals;
  arrivals.EmptyAt(At(10ms));
  ASSERT_TRUE(arrivals.Begin(Look({{100, At(15ms), false}, {200, At(18ms), true}}), At(30ms)));
  EXPECT_EQ(arrivals.At(0, At(30ms)).width, Nanos{5ms});
  EXPECT_EQ(arrivals.At(150, At(30ms)).width, Nanos{8ms});
}

TEST(Arrivals, BytesBehindTheLookCameSinceTheLastStamp) {
  SocketArrivals arrivals;
  arrivals.EmptyAt(At(10ms));
  ASSERT_TRUE(arrivals.Begin(Look({{100, At(12ms), true}}), At(13ms)));
  const WireBuffer late = arrivals.At(100, At(14ms));
  EXPECT_EQ(late.at, At(14ms));
  EXPECT_EQ(late.width, Nanos{2ms});
  EXPECT_FALSE(late.end_known);
}

TEST(Arrivals, WithoutALookBytesCameSinceTheSocketWasEmpty) {
  SocketArrivals arrivals;
  arrivals.EmptyAt(At(10ms));
  EXPECT_FALSE(arrivals.Begin({}, At(13ms)));
  EXPECT_EQ(arrivals.At(5, At(14ms)).width, Nanos{4ms});
}

TEST(Arrivals, AStampBeforeTheSocketWasEmptyIsRejected) {
  SocketArrivals arrivals;
  arrivals.EmptyAt(At(10ms));
  EXPECT_FALSE(arrivals.Begin(Look({{100, At(9ms), true}}), At(13ms)));
  EXPECT_EQ(arrivals.At(0, At(13ms)).at, At(13ms));
  EXPECT_EQ(arrivals.At(0, At(13ms)).width, Nanos{3ms});
}

TEST(Arrivals, AStampFromTheFutureIsRejected) {
  SocketArrivals arrivals;
  arrivals.EmptyAt(At(10ms));
  EXPECT_FALSE(arrivals.Begin(Look({{100, At(14ms), true}}), At(13ms)));
}

TEST(Arrivals, AStampSlightlyTooEarlyIsClampedToTheEmptyInstant) {
  SocketArrivals arrivals;
  arrivals.EmptyAt(At(10ms));
  ASSERT_TRUE(arrivals.Begin(Look({{100, At(10ms - 20us), true}}), At(13ms)));
  EXPECT_EQ(arrivals.At(0, At(13ms)).at, At(10ms));
  EXPECT_EQ(arrivals.At(0, At(13ms)).width, Nanos{0});
}

TEST(Arrivals, OnlyAReadOfAllThatWaitedProvesTheSocketEmpty) {
  SocketArrivals arrivals;
  arrivals.EmptyAt(At(10ms));
  arrivals.End(false, At(20ms));
  EXPECT_EQ(arrivals.empty_at(), At(10ms));
  arrivals.End(true, At(30ms));
  EXPECT_EQ(arrivals.empty_at(), At(30ms));
  arrivals.EmptyAt(At(25ms));
  EXPECT_EQ(arrivals.empty_at(), At(30ms));
}

}  // namespace
}  // namespace sseprof::arrivals_test
