#include "page/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compare/difference.h"
#include "compare/estimate.h"
#include "compare/run_values.h"
#include "sseprof/quantile.h"

namespace sseprof {
namespace {

constexpr double kWantedBeyond = 10;
constexpr std::size_t kMostPoints = 7 * kPointsPerDecade;
constexpr std::size_t kCumulativePoints = 160;

Metric MetricOf(PlottedMetric metric) {
  switch (metric) {
    case PlottedMetric::kItl:
      return Metric::kItl;
    case PlottedMetric::kTtft:
      return Metric::kTtft;
    default:
      return Metric::kLatency;
  }
}

ValueSet OfSorted(const std::vector<double>& values, double independent) {
  return {.count = values.size(), .independent = independent, .quantile_s = [&values](double p) {
            return QuantileOfSorted(values, p);
          }};
}

/// Points that so many values allow: the last has one value beyond it.
std::size_t PointsOf(std::uint64_t count) {
  if (count < 2) return 0;
  const double decades = std::log10(static_cast<double>(count));
  return std::min(kMostPoints, static_cast<std::size_t>(decades * kPointsPerDecade + 1e-9));
}

/// The share of values up to `value`: where among the order statistics it stands.
double ShareUpTo(const ValueSet& values, double value) {
  const auto at = [&values](std::uint64_t i) {
    return values.quantile_s(
        values.count == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(values.count - 1));
  };
  std::uint64_t low = 0, high = values.count;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    at(middle) <= value ? low = middle + 1 : high = middle;
  }
  return static_cast<double>(low) / static_cast<double>(values.count);
}

/// ln of a quantile of each run; nothing if one has none, or one of 0.
std::optional<std::vector<double>> LogQuantiles(const std::vector<ValueSet>& runs, double p,
                                                std::size_t point) {
  std::vector<double> logs;
  for (const ValueSet& run : runs) {
    if (point >= PointsOf(run.count)) return std::nullopt;
    const double value = run.quantile_s(p);
    if (value <= 0) return std::nullopt;
    logs.push_back(std::log(value));
  }
  return logs;
}

std::vector<ValueSet> ValuesOfAll(const Variant& variant, PlottedMetric metric) {
  std::vector<ValueSet> values;
  for (const RunData& run : variant.runs) values.push_back(ValuesOf(run, metric));
  return values;
}

double BeyondAll(const Variant& variant, Metric metric, double p) {
  double sum = 0;
  for (const RunData& run : variant.runs) {
    sum += TailCountOf(run, metric, p, TtftSource::kWithoutBurst);
  }
  return sum;
}

/// The interval of a point; nothing where the comparison would refuse one.
std::optional<Difference> DifferenceAt(const Variant& a, const Variant& b, PlottedMetric plotted,
                                       double p, double run_noise, const std::vector<double>& a_log,
                                       const std::vector<double>& b_log) {
  const Metric metric = MetricOf(plotted);
  if (a.runs.size() == 1 && b.runs.size() == 1) {
    const RunStatistic of_a = EstimateQuantile(*SampleOf(a.runs[0], metric), p);
    const RunStatistic of_b = EstimateQuantile(*SampleOf(b.runs[0], metric), p);
    if (!of_a.estimate || !of_b.estimate) return std::nullopt;
    return DifferenceOfRuns(*of_a.estimate, *of_b.estimate, run_noise);
  }
  if (std::min(BeyondAll(a, metric, p), BeyondAll(b, metric, p)) < kWantedBeyond) {
    return std::nullopt;
  }
  return DifferenceOfRepeats(a_log, b_log);
}

std::optional<double> PercentOf(double log_ratio) {
  return std::isfinite(log_ratio) ? std::optional(100 * std::expm1(log_ratio)) : std::nullopt;
}

double MeanOf(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

const char* KeyOf(PlottedMetric metric) {
  switch (metric) {
    case PlottedMetric::kItl:
      return "itl";
    case PlottedMetric::kTtft:
      return "ttft";
    default:
      return "latency";
  }
}

ValueSet ValuesOf(const RunPlots& plots, PlottedMetric metric) {
  switch (metric) {
    case PlottedMetric::kItl:
      return {.count = plots.gaps.count(),
              .independent = plots.gap_instants,
              .quantile_s = [&plots](double p) { return plots.gaps.QuantileNanos(p) / 1e9; }};
    case PlottedMetric::kTtft:
      return OfSorted(plots.ttft_s, plots.ttft_instants);
    default:
      return OfSorted(plots.latency_s, plots.latency_looks);
  }
}

ValueSet ValuesOf(const RunData& run, PlottedMetric metric) {
  const Sample* sample = SampleOf(run, MetricOf(metric));
  if (sample == nullptr || sample->empty()) return {};
  // TailCount is the smaller share of the independent observations: half of them at p50.
  return {.count = sample->size(),
          .independent = 2 * sample->TailCount(0.5),
          .quantile_s = [sample](double p) { return sample->Quantile(p) / 1e9; }};
}

double ProbabilityAt(std::size_t point) {
  return 1 - std::pow(10, -static_cast<double>(point + 1) / kPointsPerDecade);
}

Spectrum SpectrumOf(const std::vector<ValueSet>& runs) {
  Spectrum spectrum;
  double independent = 0;
  std::size_t points = 0;
  for (const ValueSet& run : runs) {
    independent += run.independent;
    points = std::max(points, PointsOf(run.count));
  }
  spectrum.sure_until = std::log10(std::max(1.0, independent / kWantedBeyond));
  for (std::size_t i = 0; i < points; ++i) {
    const auto logs = LogQuantiles(runs, ProbabilityAt(i), i);
    const auto value = [&logs](double log) {
      return logs ? std::optional(std::exp(log)) : std::nullopt;
    };
    spectrum.typical.push_back(value(logs ? MeanOf(*logs) : 0));
    spectrum.least.push_back(value(logs ? *std::min_element(logs->begin(), logs->end()) : 0));
    spectrum.most.push_back(value(logs ? *std::max_element(logs->begin(), logs->end()) : 0));
  }
  while (!spectrum.typical.empty() && !spectrum.typical.back()) {
    spectrum.typical.pop_back();
    spectrum.least.pop_back();
    spectrum.most.pop_back();
  }
  return spectrum;
}

DifferenceCurve DifferenceBetween(const Variant& a, const Variant& b, PlottedMetric metric,
                                  double run_noise) {
  DifferenceCurve curve;
  const std::vector<ValueSet> of_a = ValuesOfAll(a, metric), of_b = ValuesOfAll(b, metric);
  for (std::size_t i = 0; i < kMostPoints; ++i) {
    const double p = ProbabilityAt(i);
    const auto a_log = LogQuantiles(of_a, p, i), b_log = LogQuantiles(of_b, p, i);
    std::optional<double> percent, lower, upper;
    if (a_log && b_log) {
      percent = PercentOf(MeanOf(*b_log) - MeanOf(*a_log));
      if (const auto difference = DifferenceAt(a, b, metric, p, run_noise, *a_log, *b_log)) {
        lower = PercentOf(difference->lower);
        upper = PercentOf(difference->upper);
      }
    }
    curve.percent.push_back(percent);
    curve.lower.push_back(lower);
    curve.upper.push_back(upper);
  }
  while (!curve.percent.empty() && !curve.percent.back()) {
    curve.percent.pop_back();
    curve.lower.pop_back();
    curve.upper.pop_back();
  }
  return curve;
}

Cumulative CumulativeOf(const std::vector<std::vector<ValueSet>>& groups) {
  Cumulative out;
  const double none = std::numeric_limits<double>::infinity();
  double low = none, middle = none, high = 0;
  for (const auto& group : groups) {
    for (const ValueSet& run : group) {
      if (run.count == 0) continue;
      low = std::min(low, run.quantile_s(0.01));
      middle = std::min(middle, run.quantile_s(0.5));
      high = std::max(high, run.quantile_s(0.995));
    }
  }
  if (high <= 0) return out;
  // gaps of 0, or nearly, shall not take the room of the others
  low = std::max({low * 0.985, middle / 100, high / 1000});
  const double step = std::log(high / low) / (kCumulativePoints - 1);
  if (step <= 0) return out;
  for (std::size_t i = 0; i < kCumulativePoints; ++i) {
    out.at_s.push_back(low * std::exp(step * static_cast<double>(i)));
  }
  for (const auto& group : groups) {
    std::vector<double>& percent = out.percent.emplace_back();
    for (const double at : out.at_s) {
      double sum = 0;
      std::size_t runs = 0;
      for (const ValueSet& run : group) {
        if (run.count == 0) continue;
        sum += ShareUpTo(run, at);
        ++runs;
      }
      if (runs > 0) percent.push_back(100 * sum / static_cast<double>(runs));
    }
  }
  return out;
}

}  // namespace sseprof
