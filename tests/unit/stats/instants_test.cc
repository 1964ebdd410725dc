#include "stats/instants.h"

#include <gtest/gtest.h>

namespace sseprof::instants_test {
namespace {

using namespace std::chrono_literals;

TEST(Instants, NothingHoldsNone) { EXPECT_EQ(InstantCounter{}.Instants(), 0); }

TEST(Instants, StreamsThatMoveTogetherCountOnce) {
  InstantCounter counter;
  for (int step = 0; step < 50; ++step) {
    for (int stream = 0; stream < 16; ++stream) counter.Add(step * 7ms + stream * 10us);
  }
  EXPECT_EQ(counter.count(), 800u);
  EXPECT_DOUBLE_EQ(counter.Instants(), 50);
}

TEST(Instants, UnevenCellsCountForLess) {
  InstantCounter counter;
  for (int i = 0; i < 3; ++i) counter.Add(0ms);
  counter.Add(5ms);
  EXPECT_DOUBLE_EQ(counter.Instants(), 16.0 / 10.0);
}

TEST(Instants, CellsAreKeptApartWhereverTheyLie) {
  InstantCounter counter;
  for (const Nanos at : {Nanos{-1}, Nanos{0}, Nanos{4096ms}, Nanos{4095ms}, Nanos{24h}}) {
    counter.Add(at);
  }
  EXPECT_DOUBLE_EQ(counter.Instants(), 5);
}

}  // namespace
}  // namespace sseprof::instants_test
