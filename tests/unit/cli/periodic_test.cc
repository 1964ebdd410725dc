#include "cli/periodic.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "net/clock.h"

namespace sseprof::periodic_test {
namespace {

using namespace std::chrono_literals;

/// Waits for the condition, 30 s at most.
template <class Condition>
bool Await(Condition&& condition) {
  const Instant last = MonotonicNow() + 30s;
  while (!condition() && MonotonicNow() < last) std::this_thread::sleep_for(1ms);
  return condition();
}

TEST(PeriodicTest, CallsAgainAndAgainAndNeverTooSoon) {
  std::atomic<int> calls{0};
  const Instant begin = MonotonicNow();
  const Periodic periodic(5ms, [&calls] { ++calls; });
  EXPECT_TRUE(Await([&] { return calls >= 4; }));
  const int seen = calls;
  EXPECT_GE(MonotonicNow() - begin, 5ms * seen);
}

TEST(PeriodicTest, DoesNotCallAtTheBegin) {
  std::atomic<int> calls{0};
  {
    const Periodic periodic(1h, [&calls] { ++calls; });
  }
  EXPECT_EQ(calls, 0);
}

TEST(PeriodicTest, EndsAtOnceHoweverLongThePeriod) {
  const Instant begin = MonotonicNow();
  {
    const Periodic periodic(1h, [] {});
  }
  EXPECT_LT(MonotonicNow() - begin, 30s);
}

TEST(PeriodicTest, WaitsForACallThatRunsAndMakesNoMore) {
  std::atomic<int> begun{0}, ended{0};
  {
    const Periodic periodic(1ms, [&] {
      ++begun;
      std::this_thread::sleep_for(20ms);
      ++ended;
    });
    ASSERT_TRUE(Await([&] { return begun > 0; }));
  }
  EXPECT_EQ(begun, ended);
  const int calls = begun;
  std::this_thread::sleep_for(5ms);
  EXPECT_EQ(begun, calls);
}

TEST(PeriodicTest, WhatCameMeanwhileIsLeftOut) {
  std::atomic<int> calls{0};
  const Instant begin = MonotonicNow();
  const Periodic periodic(2ms, [&calls] {
    ++calls;
    std::this_thread::sleep_for(9ms);
  });
  ASSERT_TRUE(Await([&] { return calls >= 5; }));
  const int seen = calls;
  // Each call ends in the fifth period after its own at the earliest.
  EXPECT_GE(MonotonicNow() - begin, 2ms + 10ms * (seen - 1));
}

}  // namespace
}  // namespace sseprof::periodic_test
