#include "compare/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "unit/compare/comparison_fixture.h"

namespace sseprof::comparison_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::vector<double> kUsual = {1.000, 1.004, 0.997};

Pair PairOf(const std::vector<double>& a, const std::vector<double>& b) {
  return Compare({VariantOf("A", a), VariantOf("B", b)}, {}).pairs.at(0);
}

TEST(CompareTest, WhatIsFasterInAllRunsIsBetter) {
  const Pair pair = PairOf(kUsual, {0.93, 0.934, 0.927});
  EXPECT_EQ(pair.overall, Verdict::kBetter);
  EXPECT_THAT(pair.headline, StartsWith("B is better than A: TTFT p50 7.0 % lower"));
  EXPECT_THAT(pair.headline, HasSubstr("decode_tps 7.5 % higher"));
  EXPECT_THAT(pair.limits, StartsWith("3 runs per variant; unit: the run."));
  for (const Cell& cell : pair.cells) {
    if (cell.verdict == Verdict::kNotEnoughData) continue;
    EXPECT_EQ(cell.verdict, Verdict::kBetter) << Name(cell.metric) << Name(cell.statistic);
  }
  const Cell& itl = CellOf(pair, Metric::kItl, Statistic::kP50);
  EXPECT_NEAR(*itl.a, 0.010, 2e-5);
  EXPECT_NEAR(*itl.b, 0.0093, 2e-5);
  EXPECT_EQ(itl.a_runs.size(), 3u);
  EXPECT_TRUE(itl.headline);
}

TEST(CompareTest, TurnedRoundItIsWorse) {
  const Pair pair = PairOf({0.93, 0.934, 0.927}, kUsual);
  EXPECT_EQ(pair.overall, Verdict::kWorse);
  EXPECT_THAT(pair.headline, StartsWith("B is worse than A: "));
}

TEST(CompareTest, RunsThatHardlyDifferAreTheSame) {
  const Pair pair = PairOf({1.000, 1.001, 0.999}, {1.001, 1.000, 1.002});
  EXPECT_EQ(pair.overall, Verdict::kSame);
  EXPECT_THAT(pair.headline, StartsWith("B is the same within 2 % as A"));
}

TEST(CompareTest, RunsThatScatterAreUndecidedAndItSaysWhatWouldHelp) {
  const Pair pair = PairOf({1.00, 1.05, 0.96}, {1.03, 0.97, 1.06});
  EXPECT_EQ(pair.overall, Verdict::kUndecided);
  const Cell& itl = CellOf(pair, Metric::kItl, Statistic::kP50);
  EXPECT_EQ(itl.verdict, Verdict::kUndecided);
  EXPECT_THAT(itl.advice,
              testing::AnyOf(HasSubstr("more runs per variant"), HasSubstr("not worth it")));
}

TEST(CompareTest, AHintIsNoFinding) {
  // One of six headline cells alone differs, at p of about 0.03.
  Variant a = VariantOf("A", {1.000, 1.004, 0.997}), b = a;
  b.name = "B";
  const double shifts[] = {1.035, 1.06, 1.02};
  for (std::size_t i = 0; i < 3; ++i) b.runs[i].summary.ttft = Scaled(0.050 * shifts[i], 640);
  const Pair pair = Compare({a, b}, {}).pairs.at(0);
  const Cell& ttft = CellOf(pair, Metric::kTtft, Statistic::kP50);
  ASSERT_LE(ttft.difference->p, 0.05);
  ASSERT_GT(ttft.p_adjusted, 0.05);
  EXPECT_EQ(ttft.verdict, Verdict::kUndecided);
  EXPECT_THAT(ttft.advice, HasSubstr("a hint, not a finding"));
}

TEST(CompareTest, AQuantileThatFewInstantsStandBehindIsRefused) {
  const Pair pair = PairOf(kUsual, {0.93, 0.934, 0.927});
  // 3 runs of 640 * 255 / 16 instants: 30 beyond p99.9, but of latency 4 T / S: 0.5.
  EXPECT_NE(CellOf(pair, Metric::kItl, Statistic::kP999).verdict, Verdict::kNotEnoughData);
  const Cell& latency = CellOf(pair, Metric::kLatency, Statistic::kP999);
  EXPECT_EQ(latency.verdict, Verdict::kNotEnoughData);
  EXPECT_THAT(latency.advice, StartsWith("needs about "));
  EXPECT_FALSE(latency.difference);
}

TEST(CompareTest, SingleRunsWithoutRecordsHaveValuesAndNoVerdict) {
  const Pair pair = PairOf({1.0}, {0.9});
  EXPECT_EQ(pair.overall, Verdict::kUndecided);
  EXPECT_THAT(pair.limits, HasSubstr("no records"));
  for (const Cell& cell : pair.cells) {
    EXPECT_EQ(cell.verdict, Verdict::kNotEnoughData);
    EXPECT_FALSE(cell.difference);
    EXPECT_TRUE(cell.a && cell.b);
  }
}

TEST(CompareTest, ASingleRunBorrowsTheSpreadOfRepeats) {
  const Pair pair = PairOf(kUsual, {0.93});
  const Cell& itl = CellOf(pair, Metric::kItl, Statistic::kP50);
  EXPECT_TRUE(itl.difference->assumed_spread);
  EXPECT_THAT(itl.basis, StartsWith("1 run against 3, "));
  EXPECT_THAT(itl.basis, HasSubstr("assumes that B varies as A does"));
  EXPECT_THAT(pair.limits, StartsWith("1 run against 3; unit: the run."));
}

TEST(CompareTest, WhatIsBetterInPartIsNotSaidToBeUndecidedAltogether) {
  Variant a = VariantOf("A", kUsual), b = VariantOf("B", {0.93, 0.934, 0.927});
  const double scatter[] = {0.8, 1.1, 1.0};
  for (std::size_t i = 0; i < 3; ++i) b.runs[i].summary.itl.p99 = 0.015 * scatter[i];
  EXPECT_THAT(Compare({a, b}, {}).pairs.at(0).headline,
              StartsWith("Undecided whether B is better than A; better: TTFT p50"));
}

TEST(CompareTest, GapsOfNothingAreNotCompared) {
  Variant a = VariantOf("A", kUsual), b = VariantOf("B", kUsual);
  b.runs[1].summary.itl.p50 = 0;
  const Pair pair = Compare({a, b}, {}).pairs.at(0);
  const Cell& itl = CellOf(pair, Metric::kItl, Statistic::kP50);
  EXPECT_EQ(itl.verdict, Verdict::kNotComparable);
  EXPECT_EQ(itl.advice, "zero gaps; compare TPOT");
  EXPECT_NEAR(*itl.a, 0.010, 2e-5);
  EXPECT_EQ(itl.b, 0);  // shown all the same
  b.runs[0].summary.tpot.p50 = 0;
  const Pair tpot = Compare({a, b}, {}).pairs.at(0);
  EXPECT_EQ(CellOf(tpot, Metric::kTpot, Statistic::kP50).advice, "it is 0 in a run");
}

TEST(CompareTest, RunsOfOtherLengthsAreNotComparedFarOut) {
  Variant a = VariantOf("A", kUsual), b = VariantOf("B", kUsual);
  for (RunData& run : b.runs) run.summary.completion_tokens_mean = 300;
  const Pair pair = Compare({a, b}, {}).pairs.at(0);
  EXPECT_EQ(CellOf(pair, Metric::kItl, Statistic::kP99).verdict, Verdict::kNotComparable);
  EXPECT_EQ(CellOf(pair, Metric::kItl, Statistic::kP50).verdict, Verdict::kSame);
  b.runs[1].summary.completion_tokens_mean.reset();  // of a length that is not known
  EXPECT_EQ(CellOf(Compare({a, b}, {}).pairs.at(0), Metric::kItl, Statistic::kP99).verdict,
            Verdict::kSame);
}

TEST(CompareTest, WhatARunDoesNotHaveIsAbsent) {
  Variant a = VariantOf("A", kUsual), b = VariantOf("B", kUsual);
  b.runs[2].summary.ttft = {};
  const Cell cell = CellOf(Compare({a, b}, {}).pairs.at(0), Metric::kTtft, Statistic::kP50);
  EXPECT_TRUE(cell.a);
  EXPECT_FALSE(cell.b);
  EXPECT_EQ(cell.verdict, Verdict::kNotEnoughData);
  EXPECT_EQ(cell.advice, "not every run has it");
}

TEST(CompareTest, EveryVariantIsComparedWithTheBaseline) {
  const Comparison all = Compare(
      {VariantOf("A", kUsual), VariantOf("B", kUsual), VariantOf("C", kUsual)}, {.baseline = 1});
  ASSERT_EQ(all.pairs.size(), 2u);
  EXPECT_EQ(all.pairs[0].a, 1u);
  EXPECT_EQ(all.pairs[0].b, 0u);
  EXPECT_EQ(all.pairs[1].b, 2u);
}

TEST(CompareTest, AReplacedScriptsFileThatStreamedIsNotSaidToHoldNoTtft) {
  Variant a = VariantOf("A", {1.0}), b = VariantOf("B", {1.0});
  a.runs[0].replaced_script = true;
  EXPECT_THAT(Compare({a, b}, {}).pairs.at(0).limits, HasSubstr("no records of one or both"));
  a.runs[0].summary.context.stream = false;
  EXPECT_THAT(Compare({a, b}, {}).pairs.at(0).limits, StartsWith("Files of the replaced script"));
}

/// One run with the reference gaps as records, in a closed loop of one stream.
Variant Recorded(std::string name, std::vector<Observation> gaps) {
  Variant variant = VariantOf(std::move(name), {1.0});
  RunSamples samples;
  for (const Observation& gap : gaps) samples.tokens.push_back({.value = 1, .at = gap.at});
  samples.itl = Gaps(std::move(gaps));
  samples.steady_until = 14s;
  variant.runs[0].samples = samples;
  return variant;
}

TEST(CompareTest, SingleRunsWithRecordsAreComparedByTheirBlocks) {
  const Pair pair =
      Compare({Recorded("A", ReferenceA()), Recorded("B", ReferenceB())}, {}).pairs.at(0);
  const Cell& p50 = CellOf(pair, Metric::kItl, Statistic::kP50);
  EXPECT_NEAR(p50.difference->p, 0.003536, 5e-7);
  EXPECT_EQ(p50.verdict, Verdict::kWorse);
  EXPECT_THAT(p50.basis, StartsWith("20 blocks of 0.7 s, 2,000 instants"));
  const Cell& p99 = CellOf(pair, Metric::kItl, Statistic::kP99);
  EXPECT_EQ(p99.verdict, Verdict::kUndecided);
  EXPECT_THAT(pair.limits, StartsWith("One run per variant. The interval covers"));
  EXPECT_TRUE(CellOf(pair, Metric::kDecodeTps, Statistic::kRate).difference);
}

TEST(CompareTest, ASingleRunOfWholeAnswersSaysWhyItsRateHasNoInterval) {
  Variant a = Recorded("A", ReferenceA()), b = Recorded("B", ReferenceB());
  b.runs[0].summary.context.stream = false;
  const Cell rate = CellOf(Compare({a, b}, {}).pairs.at(0), Metric::kDecodeTps, Statistic::kRate);
  EXPECT_EQ(rate.advice, "whole answers: only repeats tell how far it scatters");
}

TEST(CompareTest, WhatIsRefusedNeedsAsManyRequestsAsTheRunThatHoldsLess) {
  Variant a = Recorded("A", ReferenceA()), b = Recorded("B", ReferenceB());
  std::vector<Observation> some = ReferenceB();
  some.resize(500);
  b.runs[0].samples->itl = Gaps(some);
  // p99.9 has 2 instants beyond it in A, and 0.5 in B: 40 times its 640 requests.
  b.runs[0].summary.ok = 640;
  EXPECT_EQ(CellOf(Compare({a, b}, {}).pairs.at(0), Metric::kItl, Statistic::kP999).advice,
            "needs about 26,000 requests a run");
}

TEST(CompareTest, ARunThatWandersDecidesNothing) {
  std::vector<Observation> slower = ReferenceB();
  for (std::size_t i = 0; i < slower.size(); ++i)
    slower[i].value += 3'000.0 * static_cast<double>(i);
  const Pair pair = Compare({Recorded("A", ReferenceA()), Recorded("B", slower)}, {}).pairs.at(0);
  const Cell& p50 = CellOf(pair, Metric::kItl, Statistic::kP50);
  EXPECT_EQ(p50.verdict, Verdict::kUndecided);
  EXPECT_EQ(p50.advice, "a run wanders; repeat it");
  EXPECT_FALSE(p50.p_adjusted);
  EXPECT_TRUE(p50.difference);
}

}  // namespace
}  // namespace sseprof::comparison_test
