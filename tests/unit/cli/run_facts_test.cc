#include "cli/run_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sseprof::run_facts_test {
namespace {

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
}  // namespace sseprof::run_facts_test
