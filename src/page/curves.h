#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "compare/comparison.h"
#include "compare/run_data.h"
#include "plots/run_plots.h"

namespace sseprof {

/// The values of one metric in one run, as curves need them. Refers to what it was made of.
struct ValueSet {
  std::uint64_t count = 0;
  double independent = 0;  ///< observations among them that count as independent
  std::function<double(double)> quantile_s;
};

enum class PlottedMetric { kItl, kTtft, kLatency };
inline constexpr PlottedMetric kPlottedMetrics[] = {PlottedMetric::kItl, PlottedMetric::kTtft,
                                                    PlottedMetric::kLatency};
/// "itl", "ttft", "latency"
const char* KeyOf(PlottedMetric metric);

ValueSet ValuesOf(const RunPlots& plots, PlottedMetric metric);
/// As the comparison takes them: TTFT is without the client's own burst. Empty without records.
ValueSet ValuesOf(const RunData& run, PlottedMetric metric);

/// Quantiles at p = 1 - 10^-x, x = 1/24, 2/24 ..; so each 24 are ten times rarer than those before.
inline constexpr int kPointsPerDecade = 24;
double ProbabilityAt(std::size_t point);

/// The typical run's quantiles (geometric mean) in seconds, and the range of the runs. A point is
/// absent where a run has fewer values than it takes, or a quantile of 0.
struct Spectrum {
  std::vector<std::optional<double>> typical, least, most;
  double sure_until = 0;  ///< the x up to which 10 independent observations lie beyond
};
Spectrum SpectrumOf(const std::vector<ValueSet>& runs);

/// How B differs from A at each point of a spectrum, in percent, with the interval (95 % at each
/// point by itself) by which the comparison judges its cells. An end without a bound is absent.
struct DifferenceCurve {
  std::vector<std::optional<double>> percent, lower, upper;
};
DifferenceCurve DifferenceBetween(const Variant& a, const Variant& b, PlottedMetric metric,
                                  double run_noise);

/// Shares of values up to 160 values that are evenly spaced by logarithm, from p1 to p99.5 of all.
struct Cumulative {
  std::vector<double> at_s;
  std::vector<std::vector<double>> percent;  ///< one for each group of runs; mean of its runs
};
Cumulative CumulativeOf(const std::vector<std::vector<ValueSet>>& groups);

}  // namespace sseprof
