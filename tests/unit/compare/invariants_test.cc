#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "compare/comparison.h"
#include "unit/compare/random_runs.h"

// What holds of every comparison, tried on random runs.

namespace sseprof::invariants_test {
namespace {

// Where nothing is optimized, as under sanitizers, 200 would take minutes.
#ifdef __OPTIMIZE__
constexpr std::uint64_t kSeeds = 200;
#else
constexpr std::uint64_t kSeeds = 20;
#endif

Pair Judged(const Variant& a, const Variant& b, const CompareOptions& options = {}) {
  return Compare({a, b}, options).pairs.at(0);
}

void ExpectNear(double found, double expected, double error) {
  if (std::isinf(expected)) {
    EXPECT_EQ(found, expected);
  } else {
    EXPECT_NEAR(found, expected, error);
  }
}

/// The cells that have a difference in both, each pair of them to `check`.
template <class Check>
void ForBoth(const Pair& one, const Pair& other, Check&& check) {
  ASSERT_EQ(one.cells.size(), other.cells.size());
  for (std::size_t i = 0; i < one.cells.size(); ++i) {
    const Cell& cell = one.cells[i];
    SCOPED_TRACE(std::string(Name(cell.metric)) + " " + std::string(Name(cell.statistic)));
    ASSERT_EQ(cell.difference.has_value(), other.cells[i].difference.has_value());
    if (cell.difference) check(cell, other.cells[i]);
  }
}

/// @param shift  by how much the difference of the first lies above that of the second
void ExpectMoved(const Pair& moved, const Pair& from, double shift, double error) {
  ForBoth(moved, from, [shift, error](const Cell& one, const Cell& other) {
    const Difference &d = *one.difference, &e = *other.difference;
    ExpectNear(d.log_ratio, e.log_ratio + shift, error);
    ExpectNear(d.lower, e.lower + shift, error);
    ExpectNear(d.upper, e.upper + shift, error);
  });
}

Verdict TurnedRound(Verdict verdict) {
  if (verdict == Verdict::kBetter) return Verdict::kWorse;
  return verdict == Verdict::kWorse ? Verdict::kBetter : verdict;
}

bool IsFinding(const Cell& cell) {
  return cell.verdict == Verdict::kBetter || cell.verdict == Verdict::kWorse;
}

/// Single runs, and repeats.
class InvariantsTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  /// The two variants of every seed to `check`, which gets them and the seed.
  template <class Check>
  static void ForAllSeeds(Check&& check) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(seed);
      check(RandomVariants(seed, GetParam()), seed);
      if (HasFailure()) return;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Runs, InvariantsTest, ::testing::Values(1, 3));

TEST_P(InvariantsTest, TurnedRoundADifferenceHasTheOtherSign) {
  ForAllSeeds([](const TwoVariants& two, std::uint64_t) {
    ForBoth(Judged(two.a, two.b), Judged(two.b, two.a), [](const Cell& there, const Cell& back) {
      ExpectNear(back.difference->log_ratio, -there.difference->log_ratio, 1e-12);
      ExpectNear(back.difference->lower, -there.difference->upper, 1e-12);
      ExpectNear(back.difference->upper, -there.difference->lower, 1e-12);
      EXPECT_NEAR(back.difference->p, there.difference->p, 1e-12);
      EXPECT_NEAR(back.p_adjusted.value_or(2), there.p_adjusted.value_or(2), 1e-12);
      EXPECT_EQ(back.verdict, TurnedRound(there.verdict));
      EXPECT_EQ(back.advice, there.advice);
    });
  });
}

TEST_P(InvariantsTest, WhatIsComparedWithItselfDoesNotDiffer) {
  ForAllSeeds([](const TwoVariants& two, std::uint64_t) {
    Variant again = two.a;
    again.name = "B";
    for (const Cell& cell : Judged(two.a, again).cells) {
      EXPECT_FALSE(IsFinding(cell));
      if (!cell.difference) continue;
      EXPECT_EQ(cell.difference->log_ratio, 0);
      EXPECT_EQ(cell.difference->p, 1);
      EXPECT_NEAR(cell.difference->lower, -cell.difference->upper, 1e-15);
    }
  });
}

TEST_P(InvariantsTest, FivePercentMoreMovesTheWholeIntervalByAsMuch) {
  ForAllSeeds([](const TwoVariants& two, std::uint64_t) {
    ExpectMoved(Judged(two.a, Times(two.b, 1.05)), Judged(two.a, two.b), std::log(1.05), 1e-10);
    ExpectMoved(Judged(Times(two.a, 1.05), two.b), Judged(two.a, two.b), -std::log(1.05), 1e-10);
  });
}

TEST_P(InvariantsTest, TheUnitDoesNotMatter) {
  ForAllSeeds([](const TwoVariants& two, std::uint64_t) {
    const Pair pair = Judged(two.a, two.b);
    for (const double unit : {1e-6, 3.7}) {
      const Pair other = Judged(Times(two.a, unit), Times(two.b, unit));
      ExpectMoved(other, pair, 0, 1e-10);
      for (std::size_t i = 0; i < pair.cells.size(); ++i) {
        EXPECT_EQ(other.cells[i].verdict, pair.cells[i].verdict);
        EXPECT_EQ(other.cells[i].advice, pair.cells[i].advice);
      }
      EXPECT_EQ(other.headline, pair.headline);
    }
  });
}

TEST_P(InvariantsTest, TheOrderOfRequestsInTheFileMovesNoBit) {
  ForAllSeeds([](const TwoVariants& two, std::uint64_t seed) {
    const Pair pair = Judged(two.a, two.b);
    const Pair other = Judged(Shuffled(two.a, seed), Shuffled(two.b, seed + kSeeds));
    ForBoth(other, pair, [](const Cell& one, const Cell& another) {
      EXPECT_EQ(one.a, another.a);
      EXPECT_EQ(one.b, another.b);
      EXPECT_EQ(one.difference->log_ratio, another.difference->log_ratio);
      EXPECT_EQ(one.difference->lower, another.difference->lower);
      EXPECT_EQ(one.difference->upper, another.difference->upper);
      EXPECT_EQ(one.difference->p, another.difference->p);
      EXPECT_EQ(one.p_adjusted, another.p_adjusted);
      EXPECT_EQ(one.basis, another.basis);
      EXPECT_EQ(one.advice, another.advice);
    });
    EXPECT_EQ(other.headline, pair.headline);
  });
}

TEST_P(InvariantsTest, SixteenStreamsThatMoveTogetherSayNoMoreThanOne) {
  ForAllSeeds([](const TwoVariants& two, std::uint64_t seed) {
    if (seed % 10 != 0) return;  // they are large
    ForBoth(Judged(Sixteenfold(two.a), Sixteenfold(two.b)), Judged(two.a, two.b),
            [](const Cell& many, const Cell& one) {
              EXPECT_EQ(many.basis, one.basis);
              // Where few gaps lie, the next one is far away: the mean knows no such steps.
              const bool smooth = one.metric == Metric::kItl && one.statistic == Statistic::kP50;
              const bool steps =
                  one.statistic != Statistic::kMean && one.metric != Metric::kDecodeTps;
              if (steps && !smooth) return;
              const double error = steps ? 5e-4 : 1e-10;
              ExpectNear(many.difference->log_ratio, one.difference->log_ratio, error);
              ExpectNear(many.difference->lower, one.difference->lower, 2 * error);
              ExpectNear(many.difference->upper, one.difference->upper, 2 * error);
            });
  });
}

TEST_P(InvariantsTest, TheDifferenceLiesInItsInterval) {
  ForAllSeeds([](const TwoVariants& two, std::uint64_t) {
    for (const Cell& cell : Judged(two.a, two.b).cells) {
      if (!cell.difference) continue;
      EXPECT_LE(cell.difference->lower, cell.difference->log_ratio);
      EXPECT_LE(cell.difference->log_ratio, cell.difference->upper);
      EXPECT_GT(cell.difference->upper, cell.difference->lower);
    }
  });
}

TEST_P(InvariantsTest, MoreNoiseFromRunToRunNeverNarrows) {
  ForAllSeeds([](const TwoVariants& two, std::uint64_t) {
    Pair narrower = Judged(two.a, two.b, {.run_noise = 0});
    for (const double noise : {0.002, 0.01, 0.05}) {
      const Pair wider = Judged(two.a, two.b, {.run_noise = noise});
      ForBoth(wider, narrower, [](const Cell& wide, const Cell& narrow) {
        EXPECT_EQ(wide.difference->log_ratio, narrow.difference->log_ratio);
        EXPECT_LE(wide.difference->lower, narrow.difference->lower);
        EXPECT_GE(wide.difference->upper, narrow.difference->upper);
        EXPECT_GE(wide.difference->p, narrow.difference->p);
        // Repeats show how much they vary: nothing is assumed of them.
        if (GetParam() > 1) {
          EXPECT_EQ(wide.difference->upper, narrow.difference->upper);
        }
      });
      narrower = wider;
    }
  });
}

TEST_P(InvariantsTest, PIsFivePercentOrLessExactlyWhereTheIntervalLeavesZeroOut) {
  std::uint64_t without = 0, within = 0;
  ForAllSeeds([&](const TwoVariants& two, std::uint64_t) {
    for (const Cell& cell : Judged(two.a, two.b).cells) {
      if (!cell.difference) continue;
      const bool leaves_out = cell.difference->lower > 0 || cell.difference->upper < 0;
      EXPECT_EQ(cell.difference->p <= 0.05, leaves_out);
      ++(leaves_out ? without : within);
    }
  });
  EXPECT_GT(without, kSeeds);
  EXPECT_GT(within, kSeeds);
}

TEST_P(InvariantsTest, HolmIsNoMilderThanBenjaminiAndHochbergAndTheyThanNone) {
  ForAllSeeds([](const TwoVariants& two, std::uint64_t) {
    const std::vector<Cell> cells = Judged(two.a, two.b).cells;
    for (const bool headline : {true, false}) {
      std::vector<double> raw, adjusted;
      for (const Cell& cell : cells) {
        if (cell.headline != headline || !cell.difference) continue;
        raw.push_back(cell.difference->p);
        if (cell.p_adjusted) adjusted.push_back(*cell.p_adjusted);
      }
      ASSERT_FALSE(raw.empty());
      const std::vector<double> holm = HolmAdjusted(raw);
      const std::vector<double> mild = BenjaminiHochbergAdjusted(raw);
      const bool withheld = adjusted.empty();  // a run wanders
      if (!withheld) {
        EXPECT_EQ(adjusted, headline ? holm : mild);
      }
      for (std::size_t i = 0; i < raw.size(); ++i) {
        EXPECT_LE(raw[i], mild[i]);
        EXPECT_LE(mild[i], holm[i]);
        EXPECT_LE(holm[i], 1);
      }
    }
  });
}

TEST(RepeatsThatDoNotVaryTest, TheirDifferenceHasNoWidth) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const RunData run = RandomRun(random, 1 + random.Uniform(), 300);
    const auto repeated = [&run](std::size_t times) {
      return Variant{.name = "V", .runs = std::vector<RunData>(times, run)};
    };
    const std::size_t a = 2 + seed % 7, b = 1 + seed % 5;
    for (const Cell& cell : Judged(repeated(a), repeated(b)).cells) {
      if (!cell.difference) continue;
      EXPECT_EQ(cell.difference->lower, 0);
      EXPECT_EQ(cell.difference->upper, 0);
      EXPECT_EQ(cell.difference->p, 1);
      EXPECT_EQ(cell.verdict, Verdict::kSame);
    }
    for (const Cell& cell : Judged(repeated(a), Times(repeated(b), 1.05)).cells) {
      if (!cell.difference) continue;
      EXPECT_EQ(cell.difference->lower, cell.difference->upper);
      EXPECT_EQ(cell.difference->p, 0);
      EXPECT_TRUE(IsFinding(cell));
    }
  }
}

TEST(RepeatsThatTakeTurnsTest, TheOrderOfRunsOfAVariantDoesNotMatter) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const TwoVariants two = RandomVariants(seed, 4);
    Variant other = two.b;
    std::reverse(other.runs.begin(), other.runs.end());
    ExpectMoved(Judged(two.a, other), Judged(two.a, two.b), 0, 1e-12);
  }
}

}  // namespace
}  // namespace sseprof::invariants_test
