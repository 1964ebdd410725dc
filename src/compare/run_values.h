#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "compare/comparison.h"

namespace sseprof {

std::string_view Name(Metric metric);        ///< "ITL"
std::string_view Name(Statistic statistic);  ///< "p99"
/// p of a quantile; nothing for the mean and the rate.
std::optional<double> QuantileOf(Statistic statistic);

/// A metric and a statistic of it that are compared, and whether the overall verdict rests on it.
struct CellKind {
  Metric metric;
  Statistic statistic;
  bool headline;
};
/// All of them, in the order in which they are shown.
const std::vector<CellKind>& CellKinds();

/// Which TTFT of a run can be had: records tell the client's own burst apart, summaries don't.
enum class TtftSource { kWithoutBurst, kWithBurst };

/// A statistic of one run: seconds, or tokens a second. Nothing if the run has none.
std::optional<double> ValueOf(const RunData& run, Metric metric, Statistic statistic,
                              TtftSource ttft);

/// The observations of a metric; null without records, and for decode_tps.
const Sample* SampleOf(const RunData& run, Metric metric);

/// How many independent observations lie beyond a quantile: counted where there are records, else
/// estimated from what a summary holds (a gap in every stream is one instant; a request looks back
/// over one median latency).
double TailCountOf(const RunData& run, Metric metric, double p, TtftSource ttft);

}  // namespace sseprof
