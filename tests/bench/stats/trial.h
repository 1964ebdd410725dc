#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/stats/engine_run.h"
#include "compare/comparison.h"

namespace sseprof::bench {

/// What is made for every seed: A, A once more, and two that decode slower.
inline constexpr std::array<double, 4> kStepFactors = {1, 1, 1.05, 1.10};
inline constexpr std::size_t kMostRuns = 5;

/// What A is compared with.
enum class Against { kItself, kFivePercent, kTenPercent };
inline constexpr std::size_t kAgainst = 3;

/// How variants are compared.
struct Setting {
  std::string name;
  std::size_t runs;  ///< of each variant; 1: single runs with their records
  /// Deviation of an effect on a whole run. As a single run cannot see it, they have none.
  double run_sd;
  double run_noise;  ///< what is assumed of single runs
  bool bounded;      ///< false: shown only, and of A against itself
};
const std::vector<Setting>& Settings();

struct CellOutcome {
  bool judged = false;  ///< it has an interval, and nothing forbids a verdict
  double lower = 0, upper = 0;
  Verdict verdict = Verdict::kNotEnoughData;
  bool LeavesOut(double log_ratio) const { return lower > log_ratio || upper < log_ratio; }
};

struct Outcome {
  std::vector<CellOutcome> cells;  ///< as CellKinds(); empty where it is not asked
  Verdict overall = Verdict::kUndecided;
};

/// All comparisons of one seed. A function of the scenario and the seed alone.
struct Trial {
  std::vector<std::array<Outcome, kAgainst>> outcomes;  ///< by setting
  bool naive_p50 = false, naive_p99 = false;            ///< A differs from itself, by pooled gaps
  /// Sums over runs of the log of each cell's statistic, by kStepFactors.
  std::array<std::vector<double>, kStepFactors.size()> log_sums;
};
Trial RunTrial(const Scenario& scenario, std::uint64_t seed);

/// By how much the intervals of repeats with records and of their summaries are apart at most.
double RecordsAgainstSummaries(const Scenario& scenario, std::uint64_t seed);

}  // namespace sseprof::bench
