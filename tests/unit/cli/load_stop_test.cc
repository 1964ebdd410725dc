#include "cli/load_stop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace sseprof::load_stop_test {
namespace {

class Load final : public StopTarget {
 public:
  void OnStop() noexcept override { ++stops; }
  int stops = 0;
};

TEST(LoadStop, StopsTheLoadThatRuns) {
  LoadStop stop;
  Load before, now;
  { const LoadStop::Watch watch(stop, before); }
  const LoadStop::Watch watch(stop, now);
  EXPECT_FALSE(stop.stopped());
  stop.OnStop();
  EXPECT_TRUE(stop.stopped());
  EXPECT_EQ(before.stops, 0);
  EXPECT_EQ(now.stops, 1);
}

TEST(LoadStop, StopsEveryLaterOne) {
  LoadStop stop;
  stop.OnStop();
  Load first, second;
  {
    const LoadStop::Watch watch(stop, first);
    EXPECT_EQ(first.stops, 1);
  }
  const LoadStop::Watch watch(stop, second);
  EXPECT_EQ(second.stops, 1);
}

/// Takes as long to stop as it is told to.
class SlowLoad final : public StopTarget {
 public:
  void OnStop() noexcept override {
    entered = true;
    while (!leave) std::this_thread::yield();
    left = true;
  }
  std::atomic<bool> entered{false}, leave{false}, left{false};
};

TEST(LoadStop, LetsNoLoadGoThatIsBeingStopped) {
  LoadStop stop;
  SlowLoad load;
  std::thread signalled, leaver;
  {
    const LoadStop::Watch watch(stop, load);
    signalled = std::thread([&] { stop.OnStop(); });
    while (!load.entered) std::this_thread::yield();
    leaver = std::thread([&] { load.leave = true; });
  }
  EXPECT_TRUE(load.left);
  signalled.join();
  leaver.join();
}

}  // namespace
}  // namespace sseprof::load_stop_test
