#include "page/run_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/out/sample_run.h"

namespace sseprof::run_words_test {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;

Summary Streaming() {
  Summary s = SampleSummary();
  s.context.concurrency = 16;
  s.decode_tps = 1474.4;
  s.itl.p50 = 0.01074;
  s.tpot.p50 = 0.00537;
  s.itl.p99 = 0.01156;
  s.ttft.p50 = 0.03861;
  s.ttft.p99 = 1.2;
  s.stalls = {.count = 12, .shared = 10, .single = 2, .longest_s = 0.215, .threshold_s = 0.04294};
  return s;
}

TEST(RunWords, TheHeadlineIsTheSpeed) {
  EXPECT_EQ(RunHeadline(Streaming()),
            "1,474 tokens a second from 16 streams; a token every 5.37 ms in each");
}

TEST(RunWords, WithoutAStreamItIsRequests) {
  Summary s = Streaming();
  s.tpot.p50.reset();
  s.qps = 5.7538;
  s.latency.p50 = 2.7731;
  EXPECT_EQ(RunHeadline(s), "5.75 requests a second, each in 2.77 s");
  s.qps = 1234.5;
  EXPECT_EQ(RunHeadline(s), "1,234 requests a second, each in 2.77 s");
}

TEST(RunWords, ARunWithoutSuccessSaysSo) {
  Summary s;
  s.errors = 64;
  EXPECT_EQ(RunHeadline(s), "None of 64 requests succeeded");
  EXPECT_THAT(RunFindings(s), Contains("64 of 64 requests failed; no distribution holds them."));
  EXPECT_EQ(RunFindings(s).size(), 1u);
}

TEST(RunWords, ARunThatNeverGotAnywhereSaysSo) {
  EXPECT_EQ(RunHeadline(Summary{}), "No request has ended");
}

TEST(RunWords, FindingsAreWhatThereIs) {
  const std::vector<std::string> found = RunFindings(Streaming());
  EXPECT_THAT(found, Contains("The first token comes after 38.6 ms in half of the requests, and "
                              "within 1.20 s in 99 of 100."));
  EXPECT_THAT(found, Contains("1 gap in 100 is longer than 11.6 ms, 1.1 times the typical one."));
  EXPECT_THAT(found, Contains("12 gaps are above 42.9 ms, the longest 215 ms; 10 of them when the "
                              "other streams stood still, too."));
  EXPECT_THAT(found, Contains(HasSubstr("and took the times from the kernel")));
}

TEST(RunWords, WhatTheClientCouldTellApartIsSaidWhereItIsKnown) {
  Summary s = Streaming();
  const auto said = [&s](std::optional<double> share) {
    s.client->coalesced_share = share;
    return RunFindings(s);
  };
  EXPECT_THAT(said(0.0), Contains(EndsWith("kernel; it could tell all tokens apart.")));
  EXPECT_THAT(said(0.04), Contains(EndsWith("kernel; 4.0 % of the tokens came in intervals that it "
                                            "could not tell apart.")));
  EXPECT_THAT(said(1e-6), Contains(HasSubstr("kernel; less than 0.01 % of")));
  EXPECT_THAT(said(0.0012), Contains(HasSubstr("kernel; 0.12 % of")));
  EXPECT_THAT(said(0.999), Contains(HasSubstr("kernel; 100 % of")));
  EXPECT_THAT(said(std::nullopt), Contains(EndsWith("and took the times from the kernel.")));
}

TEST(RunWords, NoStallIsSaidToo) {
  Summary s = Streaming();
  s.stalls = {.count = 0, .shared = 0, .threshold_s = 0.04294};
  EXPECT_THAT(RunFindings(s), Contains("No gap is above 42.9 ms."));
}

TEST(RunWords, TheWorkloadNamesTheServer) {
  EXPECT_EQ(RunWorkload(Streaming()),
            "nvidia/Qwen3-30B-A3B-NVFP4 on vllm 0.13.0 \u00b7 16 at a time \u00b7 6 requests "
            "\u00b7 8 tokens at most");
}

}  // namespace
}  // namespace sseprof::run_words_test
