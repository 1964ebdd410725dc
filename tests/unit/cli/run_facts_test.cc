#include "cli/run_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "sseprof/error.h"

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

TEST(RaiseFileLimit, MakesRoomOrSaysWhatToDo) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit low = before;
  low.rlim_cur = 128;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  RaiseFileLimit(100, 2);
  rlimit after{};
  getrlimit(RLIMIT_NOFILE, &after);
  EXPECT_EQ(after.rlim_cur, 180u);
  if (before.rlim_max != RLIM_INFINITY && before.rlim_max < 2'000'000'000) {
    EXPECT_THROW(RaiseFileLimit(2'000'000'000, 1), UsageError);
  }
  setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace sseprof
