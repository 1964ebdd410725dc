#include "cli/stop_signal.h"

#include <gtest/gtest.h>

#include <csignal>

#include "net/clock.h"

namespace sseprof::stop_signal_test {
namespace {

class CountingTarget final : public StopTarget {
 public:
  void OnStop() noexcept override { ++stops; }
  int stops = 0;
};

TEST(StopSignal, StopsItsTargetAtTheFirstSignal) {
  CountingTarget target;
  const StopSignal stop(target);
  EXPECT_EQ(stop.number(), 0);
  EXPECT_EQ(stop.at(), std::nullopt);
  const Instant before = MonotonicNow();
  std::raise(SIGTERM);
  EXPECT_EQ(target.stops, 1);
  EXPECT_EQ(stop.number(), SIGTERM);
  EXPECT_GE(stop.at(), before);
  EXPECT_LE(stop.at(), MonotonicNow());
}

TEST(StopSignalDeathTest, LeavesAtTheSecond) {
  EXPECT_EXIT(
      {
        CountingTarget target;
        const StopSignal stop(target);
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::ExitedWithCode(130), "");
}

TEST(StopSignalDeathTest, IsGoneAfterItsLife) {
  EXPECT_EXIT(
      {
        CountingTarget target;
        { const StopSignal stop(target); }
        std::raise(SIGTERM);
      },
      testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace sseprof::stop_signal_test
