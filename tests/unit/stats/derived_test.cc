#include "stats/derived.h"

#include <gtest/gtest.h>

namespace sseprof::derived_test {
namespace {

TEST(Derived, FollowsItsFormulas) {
  const Derived derived = ComputeDerived({.ok = 4,
                                          .total_time_s = 8.0,
                                          .prompt_tokens_mean = 10.0,
                                          .completion_tokens_mean = 100.0,
                                          .latency_mean_s = 2.0});
  EXPECT_DOUBLE_EQ(*derived.qps, 0.5);
  EXPECT_DOUBLE_EQ(*derived.prompt_tps, 5.0);
  EXPECT_DOUBLE_EQ(*derived.decode_tps, 50.0);
  EXPECT_DOUBLE_EQ(*derived.ms_per_output_token, 20.0);
}

TEST(Derived, WhatIsUnknownStaysUnknown) {
  const Derived derived = ComputeDerived({.ok = 4, .total_time_s = 8.0, .latency_mean_s = 2.0});
  EXPECT_TRUE(derived.qps);
  EXPECT_FALSE(derived.prompt_tps);
  EXPECT_FALSE(derived.decode_tps);
  EXPECT_FALSE(derived.ms_per_output_token);
}

TEST(Derived, NothingIsDividedByZero) {
  const Derived derived = ComputeDerived({.ok = 0,
                                          .total_time_s = 0.0,
                                          .prompt_tokens_mean = 1.0,
                                          .completion_tokens_mean = 0.0,
                                          .latency_mean_s = 1.0});
  EXPECT_FALSE(derived.qps);
  EXPECT_FALSE(derived.prompt_tps);
  EXPECT_FALSE(derived.ms_per_output_token);
}

}  // namespace
}  // namespace sseprof::derived_test
