#include "page/compare_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sseprof::compare_words_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RunData Run(double delay_s = 0.0003) {
  RunData run;
  run.summary.context.model = "m";
  run.summary.context.concurrency = 16;
  run.summary.context.max_tokens = 256;
  run.summary.ok = 1'200;
  run.summary.client.emplace();
  run.summary.client->timestamps = "kernel";
  run.summary.client->client_delay.p99 = delay_s;
  return run;
}

Cell CellOf(Metric metric, Verdict verdict, double a, double b) {
  return {.metric = metric, .statistic = Statistic::kP50, .a = a, .b = b, .verdict = verdict};
}

Comparison Three() {
  Comparison all;
  all.variants = {{.name = "A", .runs = {Run(), Run(0.0004)}},
                  {.name = "B", .runs = {Run(), Run()}},
                  {.name = "C", .runs = {Run(), Run()}}};
  all.pairs = {{.a = 0, .b = 1}, {.a = 0, .b = 2}};
  return all;
}

TEST(CompareWords, TheTitleNamesAllAgainstTheBaseline) {
  EXPECT_EQ(CompareTitle(Three()), "B and C against A");
}

TEST(CompareWords, TheWorkloadIsWhatAllRunsShare) {
  Comparison all = Three();
  EXPECT_EQ(CompareWorkload(all),
            "m \u00b7 16 at a time \u00b7 1,200 requests a run \u00b7 256 tokens at most \u00b7 2 "
            "runs of each");
  all.variants[1].runs.pop_back();
  all.variants[1].runs[0].summary.context.model = "n";
  all.variants[2].runs[0].summary.context.concurrency = 8;
  EXPECT_EQ(CompareWorkload(all),
            "1,200 requests a run \u00b7 256 tokens at most \u00b7 5 runs in all");
}

TEST(CompareWords, TheSmallestClaimIsADifferenceInTimeWithAVerdict) {
  Comparison all = Three();
  all.pairs[0].cells = {CellOf(Metric::kItl, Verdict::kUndecided, 0.010, 0.0101),
                        CellOf(Metric::kTtft, Verdict::kWorse, 0.020, 0.030),
                        CellOf(Metric::kDecodeTps, Verdict::kBetter, 1, 1.0001)};
  all.pairs[1].cells = {CellOf(Metric::kItl, Verdict::kBetter, 0.012, 0.010)};
  const auto claim = FindSmallestClaim(all);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->name, "ITL p50");
  EXPECT_NEAR(claim->seconds, 0.002, 1e-12);
}

TEST(CompareWords, TheClientIsHeldAgainstTheClaim) {
  Comparison all = Three();
  EXPECT_THAT(ClientSentence(all), HasSubstr("read 400 \u00b5s late at p99 in its worst run."));
  all.pairs[0].cells = {CellOf(Metric::kItl, Verdict::kBetter, 0.012, 0.010)};
  EXPECT_THAT(ClientSentence(all),
              HasSubstr("the smallest difference claimed, ITL p50 by 2.00 ms, is 5.0 times as "
                        "much. Times are the kernel's"));
  all.variants[0].runs[0].summary.client->timestamps = "user";
  EXPECT_THAT(ClientSentence(all), Not(HasSubstr("kernel")));
}

TEST(CompareWords, WithoutAClientThereIsNothingToHold) {
  Comparison all = Three();
  for (Variant& variant : all.variants) {
    for (RunData& run : variant.runs) run.summary.client.reset();
  }
  EXPECT_FALSE(WorstClientDelay(all));
  EXPECT_EQ(ClientSentence(all), "No run states what the client measured of itself.");
}

}  // namespace
}  // namespace sseprof::compare_words_test
