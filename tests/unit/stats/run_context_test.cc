#include "sseprof/run_context.h"

#include <gtest/gtest.h>

namespace sseprof::run_context_test {
namespace {

TEST(ClientStats, MergeAddsEveryPart) {
  ClientStats a, b;
  a.client_delay.Record(Nanos{10});
  b.client_delay.Record(Nanos{30});
  a.clock_rejected = 1, b.clock_rejected = 2;
  a.stamps_missing = 3, b.stamps_missing = 4;
  a.connections = 5, b.connections = 6;
  a.busy = Nanos{7}, b.busy = Nanos{8};
  a.elapsed = Nanos{9}, b.elapsed = Nanos{10};
  a.Merge(b);
  EXPECT_EQ(a.client_delay.count(), 2u);
  EXPECT_EQ(a.client_delay.max(), Nanos{30});
  EXPECT_EQ(a.clock_rejected, 3u);
  EXPECT_EQ(a.stamps_missing, 7u);
  EXPECT_EQ(a.connections, 11u);
  EXPECT_EQ(a.busy, Nanos{15});
  EXPECT_EQ(a.elapsed, Nanos{19});
}

}  // namespace
}  // namespace sseprof::run_context_test
