#include "neighbours/wall_time.h"

#include <gtest/gtest.h>

namespace sseprof {
namespace {

TEST(WallTime, IsReadWithAndWithoutAFraction) {
  const auto whole = ParseWallTime("2026-02-28T23:59:59Z");
  const auto more = ParseWallTime("2026-02-28T23:59:59.25Z");
  ASSERT_TRUE(whole && more);
  EXPECT_EQ(*more - *whole, std::chrono::milliseconds(250));
  EXPECT_EQ(CompactTime(*more), "20260228-235959");
  EXPECT_EQ(IsoTime(*more), "2026-02-28T23:59:59.250000");
}

TEST(WallTime, GoesOnAtMidnight) {
  const auto last = ParseWallTime("2024-02-28T23:59:59.900Z");
  ASSERT_TRUE(last);
  EXPECT_EQ(IsoTime(*last + std::chrono::microseconds(100'001)), "2024-02-29T00:00:00.000001");
}

TEST(WallTime, RefusesAnythingElse) {
  for (const char* text :
       {"", "Z", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "2026-13-02T03:04:05Z",
        "2026-02-30T03:04:05Z", "2026-01-02T24:04:05Z", "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05.x1Z", "2026-01-02T03:04:05+01:00"}) {
    EXPECT_FALSE(ParseWallTime(text)) << text;
  }
}

}  // namespace
}  // namespace sseprof
