#include "sseprof/slo.h"

#include <gtest/gtest.h>

#include <chrono>

#include "unit/record_builder.h"

namespace sseprof::slo_test {
namespace {

using namespace std::chrono_literals;

/// TTFT 20 ms, TPOT 10 ms, latency 45 ms.
RecordBuilder Request() {
  return RecordBuilder(0).Outputs(3, 20ms, 10ms).Finish("stop").Done(45ms);
}

TEST(SloTest, WithoutALimitEveryGoodRequestIsWithin) {
  EXPECT_FALSE(Slo().any());
  EXPECT_TRUE(Slo().MetBy(Request().Build()));
  EXPECT_TRUE(Slo().MetBy(RecordBuilder(0).Build()));
}

TEST(SloTest, AnyLimitCountsAsOne) {
  EXPECT_TRUE(Slo{.ttft = 1ns}.any());
  EXPECT_TRUE(Slo{.tpot = 1ns}.any());
  EXPECT_TRUE(Slo{.latency = 1ns}.any());
}

TEST(SloTest, ALimitThatIsJustReachedIsMet) {
  const RequestRecord record = Request().Build();
  const Slo reached = {.ttft = 20ms, .tpot = 10ms, .latency = 45ms};
  EXPECT_TRUE(reached.MetBy(record));
  for (std::optional<Nanos> Slo::*limit : {&Slo::ttft, &Slo::tpot, &Slo::latency}) {
    Slo missed = reached;
    *(missed.*limit) -= 1ns;
    EXPECT_FALSE(missed.MetBy(record));
  }
}

TEST(SloTest, AFailedRequestIsNotWithin) {
  const RequestRecord failed = Request().Fail(Outcome::kTruncated).Build();
  EXPECT_FALSE(Slo().MetBy(failed));
  EXPECT_FALSE((Slo{.latency = 1h}).MetBy(failed));
}

TEST(SloTest, WhatARequestDoesNotHaveBreaksNoLimit) {
  const RequestRecord one_token = RecordBuilder(0).Output(20ms).Finish("stop").Build();
  EXPECT_TRUE((Slo{.ttft = 20ms, .tpot = 1ns}).MetBy(one_token));
  const RequestRecord no_stream = RecordBuilder(0).End(45ms).Finish("stop").Build();
  EXPECT_TRUE((Slo{.ttft = 1ns, .tpot = 1ns, .latency = 45ms}).MetBy(no_stream));
  EXPECT_FALSE((Slo{.ttft = 1ns, .tpot = 1ns, .latency = 44ms}).MetBy(no_stream));
  EXPECT_TRUE((Slo{.latency = 1ns}).MetBy(RecordBuilder(0).Build()));
}

TEST(SloTest, ARateBetweenTwoNanosecondsIsAboveTheLower) {
  // 10 ns for 3 tokens.
  const RequestRecord record =
      RecordBuilder(0).Output(0ns).Output(4ns).Output(7ns).Output(10ns).Finish("stop").Build();
  EXPECT_FALSE((Slo{.tpot = 3ns}).MetBy(record));
  EXPECT_TRUE((Slo{.tpot = 4ns}).MetBy(record));
}

}  // namespace
}  // namespace sseprof::slo_test
