#include "sseprof/wall_time.h"

#include <gtest/gtest.h>

namespace sseprof::wall_time_test {
namespace {

TEST(FormatWallTime, IsOfUtcAndOfWholeSeconds) {
  const Nanos time = std::chrono::milliseconds{1'766'404'800'999};
  EXPECT_EQ(FormatWallTime("%Y%m%d-%H%M%S", time), "20251222-120000");
}

TEST(Rfc3339, WritesUtcWithMilliseconds) {
  EXPECT_EQ(Rfc3339(Nanos{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(Rfc3339(std::chrono::seconds{1'766'404'800} + std::chrono::microseconds{7'999}),
            "2025-12-22T12:00:00.007Z");
}

TEST(ParseWallTime, ReadsUtcAndSecondsSinceTheEpoch) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  EXPECT_EQ(ParseWallTime("2025-12-22T12:00:00Z"), seconds{1'766'404'800});
  EXPECT_EQ(ParseWallTime("2025-12-22T12:00:00.25Z"), milliseconds{1'766'404'800'250});
  EXPECT_EQ(ParseWallTime("1970-01-01T00:00:00Z"), Nanos{0});
  EXPECT_EQ(ParseWallTime("2024-02-29T23:59:59.999999999Z"), seconds{1'709'251'200} - Nanos{1});
  EXPECT_EQ(ParseWallTime("1766404800"), seconds{1'766'404'800});
  EXPECT_EQ(ParseWallTime("0.5"), milliseconds{500});
}

TEST(ParseWallTime, ReadsBackWhatIsWritten) {
  const Nanos time = std::chrono::milliseconds{1'766'404'800'007};
  EXPECT_EQ(ParseWallTime(Rfc3339(time)), time);
}

TEST(ParseWallTime, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           ".",
                           "1.2.3",
                           "-5",
                           "10s",
                           "now",
                           "2025-12-22",
                           "2025-12-22T12:00:00",
                           "2025-12-22T12:00:00+01:00",
                           "2025-12-22 12:00:00Z",
                           "2025-12-22T12:00:00,5Z",
                           "2025-12-22T12:00:00.5msZ",
                           "2025-12-22T12:00:00.5.5Z",
                           "2025-12-22T12:00:00ZZ",
                           "2025-13-01T00:00:00Z",
                           "2025-02-29T00:00:00Z",
                           "2025-04-31T00:00:00Z",
                           "2025-12-22T25:00:00Z",
                           "1969-12-31T23:59:59Z",
                           "2200-01-01T00:00:00Z",
                           "9999-01-01T00:00:00Z",
                           "99999999999"}) {
    EXPECT_EQ(ParseWallTime(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sseprof::wall_time_test
