#pragma once

#include <optional>
#include <span>
#include <vector>

#include "compare/estimate.h"

namespace sseprof {

/// How a statistic of B differs from that of A: ln(B/A) with its 95 % interval, and the two-sided p
/// of no difference. p <= 0.05 exactly where the interval leaves 0 out.
struct Difference {
  double log_ratio = 0, lower = 0, upper = 0;
  double p = 1;
  double df = 0;                ///< of Student's t over runs; 0 for single runs
  double s = 0;                 ///< spread of runs of one variant (log); 0 for single runs
  bool unequal = false;         ///< different numbers of runs, so the error may be 4 to 10 %
  bool assumed_spread = false;  ///< one variant has a single run: it is taken to vary as the other
  /// Of single runs: half the interval's width without what is assumed of run to run.
  double half_inside = 0;
  /// Of single runs: W, the variance (times 1.96^2) of run to run that was assumed of both.
  double assumed = 0;
};

/// Several runs of a variant: Student's t over runs. Each value is ln of one run's statistic.
/// @pre both have a value, and one of them two or more
Difference DifferenceOfRepeats(std::span<const double> a, std::span<const double> b);

/// One run each. @param run_noise  the assumed spread from run to run (0.01: 1 %)
Difference DifferenceOfRuns(const RunEstimate& a, const RunEstimate& b, double run_noise);

/// Adjusted p values, in the order given. Holm 1979; Benjamini and Hochberg 1995.
std::vector<double> HolmAdjusted(const std::vector<double>& p);
std::vector<double> BenjaminiHochbergAdjusted(const std::vector<double>& p);

/// Further runs per variant that would probably decide it, so that the interval's half width is
/// below 0.7 of max(|d|, margin - |d|). Nothing if that is more than 60 runs in all.
/// @param margin  log, as is the difference's
std::optional<int> FurtherRunsNeeded(const Difference& difference, int runs, double margin);

/// The same for single runs: how many requests of each variant, given that the runs had so many.
/// Nothing if more requests cannot decide it; infinite if some would, but an end without a bound
/// does not tell how many. Rounded up to two digits.
std::optional<double> RequestsNeeded(const Difference& difference, double requests, double margin);

/// `value` rounded up to two significant digits.
double RoundedUp(double value);

}  // namespace sseprof
