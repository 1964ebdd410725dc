#include "cli/run_load.h"

#include <gtest/gtest.h>

namespace sseprof::run_load_test {
namespace {

TEST(StreamsOfLoop, DealsEvenly) {
  for (int loops = 1; loops <= 7; ++loops) {
    int sum = 0;
    for (int i = 0; i < loops; ++i) {
      const int streams = StreamsOfLoop(16, loops, i);
      EXPECT_GE(streams, 16 / loops);
      EXPECT_LE(streams, 16 / loops + 1);
      sum += streams;
    }
    EXPECT_EQ(sum, 16);
  }
}

}  // namespace
}  // namespace sseprof::run_load_test
