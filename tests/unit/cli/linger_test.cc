#include "cli/linger.h"

#include <gtest/gtest.h>

namespace sseprof::linger_test {
namespace {

using namespace std::chrono_literals;

TEST(LingerTest, NobodyScrapedSoThereIsNobodyToWaitFor) {
  EXPECT_EQ(LongestLinger(false, std::nullopt, false), 0s);
  EXPECT_EQ(LongestLinger(false, std::nullopt, true), 0s);
}

TEST(LingerTest, TwoPeriodsAreEnoughForAScrape) {
  EXPECT_EQ(LongestLinger(true, 1s, false), 2s);
  EXPECT_EQ(LongestLinger(true, 15s, false), 30s);
}

TEST(LingerTest, NoRunStaysForLongerThanHalfAMinute) {
  EXPECT_EQ(LongestLinger(true, 16s, false), 30s);
  EXPECT_EQ(LongestLinger(true, std::nullopt, false), 30s);
}

TEST(LingerTest, WhoHasStoppedTheRunDoesNotWaitLong) {
  EXPECT_EQ(LongestLinger(true, 500ms, true), 1s);
  EXPECT_EQ(LongestLinger(true, 15s, true), 2s);
  EXPECT_EQ(LongestLinger(true, std::nullopt, true), 2s);
}

}  // namespace
}  // namespace sseprof::linger_test
