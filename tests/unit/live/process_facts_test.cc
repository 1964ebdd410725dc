#include "live/process_facts.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <vector>

#include "net/clock.h"

namespace sseprof::process_facts_test {
namespace {

using namespace std::chrono_literals;

TEST(ProcessFactsTest, PassesOnWhatItIsGiven) { EXPECT_EQ(ReadProcessFacts(3s).cpu, 3s); }

TEST(ProcessFactsTest, ResidentMemoryIsThatOfAProcess) {
  const std::int64_t before = ReadProcessFacts(0s).resident_bytes;
  EXPECT_GT(before, 1 << 20);
  EXPECT_LT(before, std::int64_t{1} << 40);
  constexpr std::size_t kMore = 64 << 20;
  const std::vector<char> touched(kMore, 1);
  EXPECT_GT(ReadProcessFacts(0s).resident_bytes, before + std::int64_t{kMore} / 2);
  EXPECT_EQ(touched.back(), 1);
}

TEST(ProcessFactsTest, CountsOpenFiles) {
  const std::int64_t before = ReadProcessFacts(0s).open_files;
  EXPECT_GT(before, 0);
  const int one = open("/dev/null", O_RDONLY | O_CLOEXEC), two = dup(one);
  EXPECT_EQ(ReadProcessFacts(0s).open_files, before + 2);
  close(one);
  close(two);
  EXPECT_EQ(ReadProcessFacts(0s).open_files, before);
}

TEST(ProcessFactsTest, KnowsHowManyMayBeOpen) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit lower = {.rlim_cur = 100, .rlim_max = limit.rlim_max};
  setrlimit(RLIMIT_NOFILE, &lower);
  EXPECT_EQ(ReadProcessFacts(0s).most_files, 100);
  setrlimit(RLIMIT_NOFILE, &limit);
}

TEST(ProcessFactsTest, TheStartIsBeforeNowAndStaysWhereItIs) {
  const Nanos started = ReadProcessFacts(0s).started;
  // The boot's time has seconds, and ticks are 10 ms.
  EXPECT_LT(started, RealNow() + 2s);
  EXPECT_GT(started, RealNow() - 24h);
  EXPECT_EQ(ReadProcessFacts(0s).started, started);
}

}  // namespace
}  // namespace sseprof::process_facts_test
