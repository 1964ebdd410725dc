#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "compare/difference.h"
#include "compare/run_data.h"

namespace sseprof {

enum class Metric { kItl, kTtft, kTpot, kLatency, kDecodeTps };
enum class Statistic { kP50, kP90, kP95, kP99, kP999, kMean, kRate };  ///< kRate: decode_tps

enum class Verdict { kBetter, kWorse, kSame, kUndecided, kNotEnoughData, kNotComparable };

/// "better", .., "same within 2 %" is Words(kSame, 0.02).
std::string Words(Verdict verdict, double margin);

/// One statistic of one metric, of B against A.
struct Cell {
  Metric metric = Metric::kItl;
  Statistic statistic = Statistic::kP50;
  bool headline = false;
  /// The typical (geometric mean) run's; seconds, or tokens a second. Absent: there is none.
  std::optional<double> a, b;
  std::vector<std::optional<double>> a_runs, b_runs;
  std::optional<Difference> difference;  ///< absent: no interval can be stated
  /// Holm among the headline cells, else BH; absent: the cell was not judged.
  std::optional<double> p_adjusted;
  Verdict verdict = Verdict::kNotEnoughData;
  std::string advice;  ///< "needs about 3 more runs per variant", why not; may be empty
  std::string basis;   ///< "3 runs against 3", "20 blocks of 0.34 s, 1,024 instants, 10 beyond p99"
};

/// B against the baseline A.
struct Pair {
  std::size_t a = 0, b = 0;  ///< indices of variants
  std::vector<Cell> cells;
  Verdict overall = Verdict::kUndecided;
  std::string headline;  ///< the overall verdict in one plain sentence
  std::string limits;    ///< what the intervals cannot see
};

/// A reason not to compare, with advice.
struct Reason {
  std::string code;     ///< prompts output_lengths load warmup errors cache server clock ..
  std::string where;    ///< "NVFP4 run 1", "BF16"
  std::string message;  ///< what is so
  std::string advice;
};

/// A variant that there is no run of.
struct MissingVariant {
  std::string name;
  std::string reason;  ///< may be empty
};

struct CompareOptions {
  std::size_t baseline = 0;
  double margin = 0.02;
  double run_noise = 0.01;
};

struct Comparison {
  CompareOptions options;
  std::vector<Variant> variants;
  std::vector<Pair> pairs;  ///< every other variant against the baseline
  std::vector<Reason> reasons;
  std::vector<MissingVariant> missing;  ///< to be shown beside them; Compare leaves it empty
};

/// Over all pairs: any worse, else any undecided, else any better, else same.
Verdict Overall(const Comparison& comparison);

/// Deterministic: a function of the runs and the options alone.
/// @pre each variant has a run. With a single one there is no pair
Comparison Compare(std::vector<Variant> variants, const CompareOptions& options);

/// What speaks against comparing these runs at all.
std::vector<Reason> ReasonsNotToCompare(const std::vector<Variant>& variants);

}  // namespace sseprof
