#include "cli/run_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sseprof {
namespace {

TEST(Rfc3339, WritesUtcWithMilliseconds) {
  EXPECT_EQ(Rfc3339(Nanos{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(Rfc3339(std::chrono::seconds{1'766'404'800} + std::chrono::microseconds{7'999}),
            "2025-12-22T12:00:00.007Z");
}

TEST(NewRunId, IsShortAndNew) {
  EXPECT_THAT(NewRunId(), testing::MatchesRegex("[0-9a-f]{12}"));
  EXPECT_NE(NewRunId(), NewRunId());
}

TEST(HostFacts, NamesTheMachine) {
  for (const auto& [key, value] : HostFacts()) {
    if (key != "cpu") {  // some machines have no name for it
      EXPECT_NE(value, "") << key;
    }
  }
}

TEST(MaxRssBytes, IsThatOfAProcess) {
  EXPECT_GT(MaxRssBytes(), 1 << 20);
  EXPECT_LT(MaxRssBytes(), std::int64_t{1} << 40);
}

}  // namespace
}  // namespace sseprof
