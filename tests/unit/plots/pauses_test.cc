#include "plots/pauses.h"

#include <gtest/gtest.h>

namespace sseprof::pauses_test {
namespace {

using namespace std::chrono_literals;
using Found = StallCollector::Found;

Found Shared(std::int64_t n, Nanos end, Nanos length) {
  return {.length = length, .end = end, .n = n, .shared = true};
}

TEST(Pauses, StallsThatEndTogetherAreOne) {
  const Pauses joined = JoinPauses({Shared(1, 1'000ms, 80ms), Shared(2, 1'001ms, 90ms),
                                    Shared(1, 1'003ms, 10ms), Shared(2, 1'006ms, 50ms)},
                                   500ms);
  ASSERT_EQ(joined.pauses.size(), 2u);
  EXPECT_EQ(joined.all, 2u);
  EXPECT_DOUBLE_EQ(joined.pauses[0].end_s, 0.503);
  EXPECT_DOUBLE_EQ(joined.pauses[0].length_s, 0.090);
  EXPECT_EQ(joined.pauses[0].streams, 2u);  // request 1 twice
  EXPECT_DOUBLE_EQ(joined.pauses[1].end_s, 0.506);
}

TEST(Pauses, AStreamByItselfIsNone) {
  Found single = Shared(1, 1s, 80ms);
  single.shared = false;
  EXPECT_TRUE(JoinPauses({single}, 0s).pauses.empty());
}

TEST(Pauses, TheLongestAreKeptInOrderOfTime) {
  std::vector<Found> stalls;
  for (int i = 0; i < 800; ++i) stalls.push_back(Shared(0, i * 1s, (i + 10) * 1ms));
  const Pauses joined = JoinPauses(stalls, 0s);
  EXPECT_EQ(joined.all, 800u);
  ASSERT_EQ(joined.pauses.size(), 500u);
  EXPECT_DOUBLE_EQ(joined.pauses.front().end_s, 300);
  EXPECT_DOUBLE_EQ(joined.pauses.back().end_s, 799);
}

}  // namespace
}  // namespace sseprof::pauses_test
