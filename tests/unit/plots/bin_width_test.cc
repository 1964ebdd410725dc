#include "plots/bin_width.h"

#include <gtest/gtest.h>

namespace sseprof::bin_width_test {
namespace {

using namespace std::chrono_literals;

TEST(BinWidth, GatheredWidthsAreMultiplesOfTheOnesBefore) {
  Nanos width = kFinestBin;
  const Nanos expected[] = {200ms, 1s, 2s, 10s, 20s, 100s, 200s};
  for (const Nanos next : expected) {
    EXPECT_EQ(NextGathered(width), next);
    EXPECT_EQ(next.count() % width.count(), 0);
    width = next;
  }
}

struct Row {
  const char* what;
  Nanos gathered;
  BinDemand demand;
  Nanos width;
};

TEST(BinWidth, IsTheSmallestThatSuits) {
  const Row rows[] = {
      {"plenty of everything", 100ms, {.extent = 20s, .count = 1'000'000, .least = 100}, 100ms},
      {"at most 300 bins", 100ms, {.extent = 31s, .count = 1'000'000, .least = 100}, 200ms},
      {"enough in each", 100ms, {.extent = 20s, .count = 4'000, .least = 100}, 500ms},
      {"8 bins however little", 100ms, {.extent = 20s, .count = 10, .least = 100}, 5s},
      {"5 s is no multiple of 2 s", 2s, {.extent = 1'000s, .count = 1'000'000, .least = 1}, 10s},
      {"never finer than gathered", 10s, {.extent = 20s, .count = 1'000, .least = 1}, 10s},
      {"nothing lasts no time", 100ms, {.extent = 1ns, .count = 1, .least = 100}, 100ms},
  };
  for (const Row& row : rows)
    EXPECT_EQ(DrawnWidth(row.gathered, row.demand), row.width) << row.what;
}

}  // namespace
}  // namespace sseprof::bin_width_test
