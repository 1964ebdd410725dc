#include "compare/run_values.h"

#include <algorithm>

namespace sseprof {
namespace {

constexpr double kNanosPerSecond = 1e9;
constexpr double kObservationsPerSpan = 4;

const Distribution& DistributionOf(const Summary& summary, Metric metric) {
  switch (metric) {
    case Metric::kItl:
      return summary.itl;
    case Metric::kTtft:
      return summary.ttft;
    case Metric::kTpot:
      return summary.tpot;
    default:
      return summary.latency;
  }
}

std::optional<double> FigureOf(const Distribution& distribution, Statistic statistic) {
  switch (statistic) {
    case Statistic::kP50:
      return distribution.p50;
    case Statistic::kP90:
      return distribution.p90;
    case Statistic::kP95:
      return distribution.p95;
    case Statistic::kP99:
      return distribution.p99;
    case Statistic::kP999:
      return distribution.p999;
    default:
      return distribution.mean;
  }
}

bool TakesSummary(Metric metric, TtftSource ttft) {
  return metric == Metric::kTtft && ttft == TtftSource::kWithBurst;
}

/// Independent observations that a summary's figures let one expect.
double ExpectedObservations(const Summary& summary, Metric metric) {
  const int concurrency = std::max(1, summary.context.concurrency);
  if (metric == Metric::kItl) return static_cast<double>(summary.itl.count) / concurrency;
  if (metric == Metric::kTtft) {
    return std::max(0.0, static_cast<double>(summary.ttft.count) - concurrency);
  }
  const double span = summary.latency.p50.value_or(0);
  if (span <= 0) return 0;
  return kObservationsPerSpan * summary.total_time_s.value_or(0) / span;
}

std::vector<CellKind> MakeCellKinds() {
  std::vector<CellKind> kinds;
  const auto is_headline = [](Metric metric, Statistic statistic) {
    switch (metric) {
      case Metric::kItl:
        return statistic == Statistic::kP50 || statistic == Statistic::kP99;
      case Metric::kTtft:
        return statistic == Statistic::kP50 || statistic == Statistic::kP95;
      case Metric::kLatency:
        return statistic == Statistic::kP50;
      default:
        return metric == Metric::kDecodeTps;
    }
  };
  for (const Metric metric : {Metric::kTtft, Metric::kItl, Metric::kTpot, Metric::kLatency}) {
    for (const Statistic statistic : {Statistic::kP50, Statistic::kP90, Statistic::kP95,
                                      Statistic::kP99, Statistic::kP999, Statistic::kMean}) {
      kinds.push_back({metric, statistic, is_headline(metric, statistic)});
    }
  }
  kinds.push_back({Metric::kDecodeTps, Statistic::kRate, true});
  return kinds;
}

}  // namespace

std::string_view Name(Metric metric) {
  switch (metric) {
    case Metric::kItl:
      return "ITL";
    case Metric::kTtft:
      return "TTFT";
    case Metric::kTpot:
      return "TPOT";
    case Metric::kLatency:
      return "latency";
    default:
      return "decode_tps";
  }
}

std::string_view Name(Statistic statistic) {
  switch (statistic) {
    case Statistic::kP50:
      return "p50";
    case Statistic::kP90:
      return "p90";
    case Statistic::kP95:
      return "p95";
    case Statistic::kP99:
      return "p99";
    case Statistic::kP999:
      return "p99.9";
    case Statistic::kMean:
      return "mean";
    default:
      return "";
  }
}

std::optional<double> QuantileOf(Statistic statistic) {
  switch (statistic) {
    case Statistic::kP50:
      return 0.5;
    case Statistic::kP90:
      return 0.9;
    case Statistic::kP95:
      return 0.95;
    case Statistic::kP99:
      return 0.99;
    case Statistic::kP999:
      return 0.999;
    default:
      return std::nullopt;
  }
}

const std::vector<CellKind>& CellKinds() {
  static const std::vector<CellKind> kinds = MakeCellKinds();
  return kinds;
}

const Sample* SampleOf(const RunData& run, Metric metric) {
  if (!run.samples) return nullptr;
  switch (metric) {
    case Metric::kItl:
      return &run.samples->itl;
    case Metric::kTtft:
      return &run.samples->ttft;
    case Metric::kTpot:
      return &run.samples->tpot;
    case Metric::kLatency:
      return &run.samples->latency;
    default:
      return nullptr;
  }
}

std::optional<double> ValueOf(const RunData& run, Metric metric, Statistic statistic,
                              TtftSource ttft) {
  if (metric == Metric::kDecodeTps) return run.summary.decode_tps;
  const Sample* sample = TakesSummary(metric, ttft) ? nullptr : SampleOf(run, metric);
  if (sample == nullptr) return FigureOf(DistributionOf(run.summary, metric), statistic);
  if (sample->empty()) return std::nullopt;
  const std::optional<double> p = QuantileOf(statistic);
  return (p ? sample->Quantile(*p) : sample->Mean()) / kNanosPerSecond;
}

double TailCountOf(const RunData& run, Metric metric, double p, TtftSource ttft) {
  const Sample* sample = TakesSummary(metric, ttft) ? nullptr : SampleOf(run, metric);
  if (sample != nullptr) return sample->empty() ? 0 : sample->TailCount(p);
  return std::min(p, 1 - p) * ExpectedObservations(run.summary, metric);
}

}  // namespace sseprof
