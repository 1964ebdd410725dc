#include "net/thread_urgency.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <thread>

namespace sseprof::thread_urgency_test {
namespace {

struct Scheduling {
  int policy = 0;
  int nice = 0;
  std::uint64_t slice = 0;  ///< ns
};

/// Of the calling thread.
Scheduling Present() {
  std::array<std::uint64_t, 6> attributes{};  // the kernel's sched_attr; the fourth is the slice
  EXPECT_EQ(syscall(SYS_sched_getattr, 0, attributes.data(), sizeof attributes, 0), 0);
  return {.policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK,
          .nice = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())),
          .slice = attributes[3]};
}

/// What a new thread has after `ask`.
Scheduling After(const std::function<void()>& ask) {
  Scheduling found;
  std::thread([&] {
    ask();
    found = Present();
  }).join();
  return found;
}

void BeNice(int nice) {
  ASSERT_EQ(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice), 0);
}

/// Linux takes lengths of slices.
bool HasSlices() {
  utsname name{};
  int major = 0;
  int minor = 0;
  return uname(&name) == 0 && std::sscanf(name.release, "%d.%d", &major, &minor) == 2 &&
         (major > 6 || (major == 6 && minor >= 12));
}

TEST(ThreadUrgencyTest, WhoRunsPromptlyHasTheShortestSlices) {
  if (!HasSlices()) GTEST_SKIP() << "Linux before 6.12 has slices of one length";
  const Scheduling prompt = After(RunPromptly);
  EXPECT_EQ(prompt.slice, 100'000);
  EXPECT_EQ(prompt.policy, SCHED_OTHER);
}

TEST(ThreadUrgencyTest, WhoRunsPromptlyStaysAsNiceAsItWas) {
  const int nice = After([] {}).nice + 2;
  const auto prompt = After([nice] {
    BeNice(nice);
    RunPromptly();
  });
  EXPECT_EQ(prompt.nice, nice);
}

TEST(ThreadUrgencyTest, WhoStaysBehindTakesNoCoreAndLessOfOne) {
  const Scheduling behind = After(StayBehind);
  EXPECT_EQ(behind.policy, SCHED_BATCH);
  EXPECT_EQ(behind.nice, std::max(10, After([] {}).nice));
}

TEST(ThreadUrgencyTest, WhoStaysBehindIsNotLessNiceThanItWas) {
  const auto behind = After([] {
    BeNice(15);
    StayBehind();
  });
  EXPECT_EQ(behind.nice, 15);
}

TEST(ThreadUrgencyTest, AnotherPolicyIsLeftAlone) {
  const auto idle = After([] {
    const sched_param none{};
    ASSERT_EQ(sched_setscheduler(0, SCHED_IDLE, &none), 0);
    RunPromptly();
    StayBehind();
  });
  EXPECT_EQ(idle.policy, SCHED_IDLE);
}

TEST(ThreadUrgencyTest, WhatAThreadStartsAsksForNothing) {
  const Scheduling usual = After([] {});
  Scheduling started;
  std::thread([&] {
    RunPromptly();
    started = After([] {});
  }).join();
  EXPECT_EQ(started.policy, usual.policy);
  EXPECT_EQ(started.slice, usual.slice);
}

}  // namespace
}  // namespace sseprof::thread_urgency_test
