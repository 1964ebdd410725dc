#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "unit/compare/comparison_fixture.h"

namespace sseprof::reasons_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// The reasons against comparing two alike runs, the second of them changed.
std::vector<Reason> After(const std::function<void(RunData&)>& change) {
  Variant b = VariantOf("B", {1.0});
  change(b.runs[0]);
  return ReasonsNotToCompare({VariantOf("A", {1.0}), b});
}

void ExpectOne(const std::function<void(RunData&)>& change, const std::string& code,
               const std::string& words) {
  const std::vector<Reason> reasons = After(change);
  ASSERT_EQ(reasons.size(), 1u) << code;
  EXPECT_EQ(reasons[0].code, code);
  EXPECT_THAT(reasons[0].message, HasSubstr(words));
  EXPECT_FALSE(reasons[0].advice.empty());
}

TEST(ReasonsTest, NothingSpeaksAgainstRunsThatAreAlike) {
  EXPECT_TRUE(After([](RunData&) {}).empty());
}

TEST(ReasonsTest, WhatMustBeEqual) {
  ExpectOne([](RunData& r) { r.summary.context.prompt_sha256 = std::string(64, 'b'); }, "prompts",
            "aaaaaaaaaaaa in A, bbbbbbbbbbbb in B");
  ExpectOne([](RunData& r) { r.summary.context.concurrency = 32; }, "load", "16 in A, 32 in B");
  ExpectOne([](RunData& r) { r.summary.context.max_tokens = 8; }, "load", "256 in A, 8 in B");
  ExpectOne([](RunData& r) { r.summary.context.temperature = 1; }, "load", "0 in A, 1 in B");
  ExpectOne([](RunData& r) { r.summary.context.stream = false; }, "load",
            "streamed in A, whole answers in B");
  ExpectOne([](RunData& r) { r.summary.context.warmup_requests = 16; }, "warmup",
            "0 requests in A, 16 requests in B");
  ExpectOne([](RunData& r) { r.summary.context.warmup_requests = 1; }, "warmup",
            "0 requests in A, 1 request in B");
  const auto requests = [](std::uint64_t ok) {
    return [ok](RunData& r) {
      r.summary.ok = ok;
      r.summary.itl.count = ok * 255;
    };
  };
  ExpectOne(requests(320), "load", "320 requests in B, 640 in A");
  ExpectOne(requests(1), "load", "1 request in B, 640 in A");
  ExpectOne(
      [](RunData& r) {
        r.summary.completion_tokens_mean = 200;
        r.summary.itl.count = 640 * 199;
      },
      "output_lengths", "200.0 tokens in B, 256.0 in A");
}

TEST(ReasonsTest, EventsOfSeveralTokensMakeOtherGaps) {
  ExpectOne([](RunData& r) { r.summary.itl.count = 640 * 63; }, "events", "1.00 in A, 4.00 in B");
  EXPECT_TRUE(After([](RunData& r) { r.summary.itl.count = 0; }).empty());  // no gaps at all
}

TEST(ReasonsTest, ServersAndClocksAreComparedWhereTheyAreKnown) {
  Variant a = VariantOf("A", {1.0}), b = a;
  b.name = "B";
  a.runs[0].summary.server_kind = "vllm";
  EXPECT_TRUE(ReasonsNotToCompare({a, b}).empty());  // of B it is not known
  b.runs[0].summary.server_kind = "sglang";
  EXPECT_EQ(ReasonsNotToCompare({a, b}).at(0).code, "server");
  b = a;
  a.runs[0].summary.client = ClientReport{.timestamps = "kernel"};
  b.runs[0].summary.client = ClientReport{.timestamps = "user"};
  EXPECT_EQ(ReasonsNotToCompare({a, b}).at(0).code, "clock");
}

TEST(ReasonsTest, WhatARunSuffered) {
  ExpectOne([](RunData& r) { r.summary.ok = 600, r.summary.errors = 40; }, "errors",
            "40 of 640 requests failed");
  ExpectOne([](RunData& r) { r.summary.interrupted = true; }, "interrupted", "interrupted");
  ExpectOne(
      [](RunData& r) {
        r.summary.client = ClientReport{.verdict = "client_limited", .reason = "too slow"};
      },
      "client_limited", "too slow");
}

TEST(ReasonsTest, ADriftInsideARun) {
  ExpectOne(
      [](RunData& r) {
        std::vector<Observation> gaps;
        for (int i = 1; i <= 2'000; ++i) gaps.push_back({.value = 1e7 + 1e3 * i, .at = i * 10ms});
        r.samples = RunSamples{.itl = Gaps(gaps), .steady_until = 20s};
      },
      "drift", "the typical gap grows by 12");
}

TEST(ReasonsTest, PromptsThatTheServerHadInItsCache) {
  Variant a = VariantOf("A", {1.0}), b = VariantOf("B", {1.0});
  a.runs[0].samples = RunSamples{.cached_share = 0.0};
  b.runs[0].samples = RunSamples{.cached_share = 0.9};
  const std::vector<Reason> reasons = ReasonsNotToCompare({a, b});
  ASSERT_EQ(reasons.size(), 1u);
  EXPECT_EQ(reasons[0].code, "cache");
  a.runs[0].samples->cached_share.reset();  // a server that says nothing has reported none
  EXPECT_THAT(ReasonsNotToCompare({a, b}).at(0).message, testing::HasSubstr("0 % in A, 90 % in B"));
}

TEST(ReasonsTest, PromptsThatTheServersMetricsSayWereInItsCache) {
  Variant a = VariantOf("A", {1.0, 1.0}), b = VariantOf("B", {1.0, 1.0});
  const auto set = [](Variant& variant, double first, double then) {
    variant.runs[0].summary.server.emplace().prefix_hit_rate = first;
    variant.runs[1].summary.server.emplace().prefix_hit_rate = then;
  };
  set(a, 0.7, 1.0);
  set(b, 0.72, 1.0);
  EXPECT_TRUE(ReasonsNotToCompare({a, b}).empty());
  set(b, 0.1, 0.1);
  const std::vector<Reason> reasons = ReasonsNotToCompare({a, b});
  ASSERT_EQ(reasons.size(), 1u);
  EXPECT_EQ(reasons[0].code, "cache");
  EXPECT_THAT(reasons[0].message, testing::HasSubstr("10 % in B, 85 % in A"));
  b.runs[1].summary.server.reset();
  EXPECT_TRUE(ReasonsNotToCompare({a, b}).empty());
}

Variant At(std::string name, const std::vector<std::string>& started) {
  Variant variant{.name = std::move(name)};
  for (const std::string& at : started) variant.runs.push_back(RunOf(1, at));
  return variant;
}

TEST(ReasonsTest, RepeatsThatDidNotTakeTurns) {
  EXPECT_TRUE(ReasonsNotToCompare({At("A", {"1", "3"}), At("B", {"2", "4"})}).empty());
  const auto blocks = ReasonsNotToCompare({At("A", {"1", "2"}), At("B", {"3", "4"})});
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].code, "order");
  EXPECT_TRUE(ReasonsNotToCompare({At("A", {"1"}), At("B", {"3"})}).empty());  // no repeats
}

TEST(ReasonsTest, ARunIsNamedByItsNumberWhereThereAreSeveral) {
  Variant b = VariantOf("B", {1, 1});
  b.runs[1].summary.interrupted = true;
  EXPECT_EQ(ReasonsNotToCompare({VariantOf("A", {1, 1}), b}).at(0).where, "B run 2");
}

}  // namespace
}  // namespace sseprof::reasons_test
