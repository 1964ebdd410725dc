#pragma once

#include <optional>
#include <string>

#include "compare/sample.h"
#include "sseprof/time.h"

namespace sseprof {

/// What one run alone says of a statistic, on the scale of natural logarithms, with a 95 % interval
/// that covers the fluctuation inside the run and nothing else. A side that the run says nothing
/// about is infinite.
struct RunEstimate {
  double log_point = 0, log_lower = 0, log_upper = 0;
  // How it was made.
  int blocks = 0;               ///< of equal wall time
  Nanos block{};                ///< their length
  double effective_blocks = 0;  ///< U = N^2 / sum(n_b^2)
  double autocorrelation = 0;   ///< r between neighbouring blocks, before it is cut to [0, 0.5]
  double effective_count = 0;   ///< n* of a quantile; 0 for others
  double instants = 0;
  double tail_count = 0;  ///< of a quantile; 0 for others
};

/// Why there is no estimate.
struct Refusal {
  std::string reason;
  /// Times as many requests would do; absent where more of the same does not help.
  std::optional<double> more;
};

struct RunStatistic {
  std::optional<RunEstimate> estimate;
  Refusal refusal;  ///< if there is none
};

/// Quantile p of a sample. Refused if fewer than 20 independent observations lie beyond it, or if
/// the run holds too few blocks. @pre not empty; its quantile is above 0
RunStatistic EstimateQuantile(const Sample& sample, double p);

/// The same without the condition on the tail: what it makes of few observations.
RunStatistic EstimateQuantileAnyway(const Sample& sample, double p);

/// The mean. @pre not empty; above 0
RunStatistic EstimateMean(const Sample& sample);

/// Tokens a second between two instants, from the tokens of events in (from, until].
/// `tokens` are observations whose value is a number of tokens.
/// @pre from < until; some tokens
RunStatistic EstimateRate(const std::vector<Observation>& tokens, Nanos from, Nanos until);

/// How much a run wanders: r of step "autocorrelation" for the median of what came in (from,
/// until], over 20 blocks of it. Above 0.4 no verdict rests on this run alone. Nothing if there are
/// too few observations to tell.
std::optional<double> Wandering(const Sample& gaps, Nanos from, Nanos until);
inline constexpr double kMostWandering = 0.4;

/// A drift inside of a run: by 21 equal blocks of (from, until], the log median of each; the mean
/// of the last seven minus that of the first seven.
struct Drift {
  double change = 0;  ///< log
  double t = 0;
  bool found() const;  ///< more than 2 %, and |t| > 3
};
/// @pre 21 values
Drift DriftOfMedians(const std::vector<double>& log_medians);
/// Nothing if a block is empty.
std::optional<Drift> FindDrift(const Sample& gaps, Nanos from, Nanos until);

}  // namespace sseprof
