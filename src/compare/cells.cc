#include "compare/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "compare/run_values.h"
#include "compare/thousands.h"
#include "sseprof/duration.h"

namespace sseprof {
namespace {

using Values = std::vector<std::optional<double>>;

constexpr double kLeastTailOfRepeats = 10;
// Beyond this quantile a value depends on how long a run is.
constexpr double kFarQuantile = 0.99;
constexpr double kMostLengthRatio = 1.1;
constexpr const char* kWanders = "a run wanders; repeat it";

/// What all cells of a pair have in common.
struct PairOf {
  const Variant& a;
  const Variant& b;
  double run_noise;
  TtftSource ttft = TtftSource::kWithoutBurst;
  bool single = false;
  bool wanders = false;  ///< single runs only: others don't rest on one
  bool differ_in_length = false;
};

template <class Predicate>
bool AnyRun(const Variant& a, const Variant& b, Predicate&& predicate) {
  return std::any_of(a.runs.begin(), a.runs.end(), predicate) ||
         std::any_of(b.runs.begin(), b.runs.end(), predicate);
}

bool Wanders(const RunData& run) {
  if (!run.samples || run.samples->itl.empty()) return false;
  const RunSamples& samples = *run.samples;
  const auto found = Wandering(samples.itl, samples.steady_from, samples.steady_until);
  return found && *found > kMostWandering;
}

double RequestsOf(const Variant& variant) {
  double sum = 0;
  for (const RunData& run : variant.runs) sum += static_cast<double>(run.summary.ok);
  return sum / static_cast<double>(variant.runs.size());
}

/// Nothing if a run does not say it.
std::optional<double> TokensOf(const Variant& variant) {
  double sum = 0;
  for (const RunData& run : variant.runs) {
    if (!run.summary.completion_tokens_mean) return std::nullopt;
    sum += *run.summary.completion_tokens_mean;
  }
  return sum / static_cast<double>(variant.runs.size());
}

bool Differ(std::optional<double> x, std::optional<double> y) {
  return x && y && std::max(*x, *y) > kMostLengthRatio * std::min(*x, *y);
}

bool DifferInLength(const Variant& a, const Variant& b) {
  return Differ(RequestsOf(a), RequestsOf(b)) || Differ(TokensOf(a), TokensOf(b));
}

Values ValuesOf(const Variant& variant, const CellKind& kind, TtftSource ttft) {
  Values values;
  for (const RunData& run : variant.runs) {
    values.push_back(ValueOf(run, kind.metric, kind.statistic, ttft));
  }
  return values;
}

bool Complete(const Values& values) {
  return std::all_of(values.begin(), values.end(), [](const auto& v) { return v.has_value(); });
}

bool Positive(const Values& values) {
  return std::all_of(values.begin(), values.end(), [](const auto& v) { return *v > 0; });
}

std::vector<double> Logs(const Values& values) {
  std::vector<double> logs;
  for (const auto& value : values) logs.push_back(std::log(*value));
  return logs;
}

/// 0 if one of them is.
std::optional<double> Typical(const Values& values) {
  if (!Complete(values)) return std::nullopt;
  if (values.size() == 1) return values[0];
  const std::vector<double> logs = Logs(values);
  return std::exp(std::accumulate(logs.begin(), logs.end(), 0.0) /
                  static_cast<double>(logs.size()));
}

double TailCount(const Variant& variant, const CellKind& kind, double p, TtftSource ttft) {
  double sum = 0;
  for (const RunData& run : variant.runs) sum += TailCountOf(run, kind.metric, p, ttft);
  return sum;
}

std::string NeedsRequests(double requests) {
  return fmt::format("needs about {} requests a run", Thousands(RoundedUp(requests)));
}

void Refuse(Cell& cell, Verdict verdict, std::string advice) {
  cell.verdict = verdict;
  cell.advice = std::move(advice);
}

RunStatistic StatisticOf(const RunData& run, const CellKind& kind) {
  if (kind.metric == Metric::kDecodeTps) {
    const RunSamples& samples = *run.samples;
    if (!run.summary.context.stream) {
      return {.refusal = {.reason = "whole answers: only repeats tell how far it scatters"}};
    }
    return EstimateRate(samples.tokens, samples.steady_from, samples.steady_until);
  }
  const Sample& sample = *SampleOf(run, kind.metric);
  const std::optional<double> p = QuantileOf(kind.statistic);
  return p ? EstimateQuantile(sample, *p) : EstimateMean(sample);
}

std::string BasisOf(const RunEstimate& estimate, const CellKind& kind) {
  std::string text = fmt::format("{} blocks of {}", estimate.blocks, SecondsText(estimate.block));
  if (kind.metric == Metric::kDecodeTps) text += " of the steady window";
  if (estimate.instants > 0) text += fmt::format(", {} instants", Thousands(estimate.instants));
  if (QuantileOf(kind.statistic)) {
    text += fmt::format(", {} beyond {}", Thousands(estimate.tail_count), Name(kind.statistic));
  }
  return text;
}

/// What both runs need for an estimate; empty if they have one.
std::string WhatIsRefused(const PairOf& pair, const RunStatistic& a, const RunStatistic& b) {
  double requests = 0;
  for (const auto& [statistic, variant] : {std::pair(&a, &pair.a), std::pair(&b, &pair.b)}) {
    if (statistic->estimate) continue;
    if (!statistic->refusal.more) return statistic->refusal.reason;
    requests = std::max({1.0, requests, *statistic->refusal.more * RequestsOf(*variant)});
  }
  return requests > 0 ? NeedsRequests(requests) : "";
}

void CompareSingle(Cell& cell, const CellKind& kind, const PairOf& pair) {
  const RunData& a = pair.a.runs[0];
  const RunData& b = pair.b.runs[0];
  if (!a.samples || !b.samples) {
    return Refuse(cell, Verdict::kNotEnoughData, "one run each without records: no interval");
  }
  const RunStatistic of_a = StatisticOf(a, kind), of_b = StatisticOf(b, kind);
  std::string refused = WhatIsRefused(pair, of_a, of_b);
  if (!refused.empty()) return Refuse(cell, Verdict::kNotEnoughData, std::move(refused));
  cell.difference = DifferenceOfRuns(*of_a.estimate, *of_b.estimate, pair.run_noise);
  if (kind.metric == Metric::kDecodeTps) {
    cell.a = std::exp(of_a.estimate->log_point);
    cell.b = std::exp(of_b.estimate->log_point);
  }
  const bool a_holds_less = of_a.estimate->instants < of_b.estimate->instants;
  cell.basis = BasisOf(a_holds_less ? *of_a.estimate : *of_b.estimate, kind);
  cell.verdict = Verdict::kUndecided;
  if (pair.wanders) cell.advice = kWanders;
}

void CompareRepeats(Cell& cell, const CellKind& kind, const PairOf& pair) {
  const std::size_t runs_a = cell.a_runs.size(), runs_b = cell.b_runs.size();
  cell.basis = fmt::format("{} against {}", Counted(runs_b, "run"), runs_a);
  if (const auto p = QuantileOf(kind.statistic)) {
    const double tail =
        std::min(TailCount(pair.a, kind, *p, pair.ttft), TailCount(pair.b, kind, *p, pair.ttft));
    if (tail < kLeastTailOfRepeats) {
      const double requests = SizeOf(pair.a, pair.b).requests;
      return Refuse(cell, Verdict::kNotEnoughData,
                    tail > 0 ? NeedsRequests(kLeastTailOfRepeats / tail * requests)
                             : std::string("nothing lies beyond it"));
    }
    cell.basis += fmt::format(", {} beyond {}", Thousands(tail), Name(kind.statistic));
  }
  cell.difference = DifferenceOfRepeats(Logs(cell.a_runs), Logs(cell.b_runs));
  cell.verdict = Verdict::kUndecided;
  if (cell.difference->assumed_spread) {
    const bool a_is_single = runs_a == 1;
    cell.basis +=
        fmt::format("; assumes that {} varies as {} does", a_is_single ? pair.a.name : pair.b.name,
                    a_is_single ? pair.b.name : pair.a.name);
  } else if (cell.difference->unequal) {
    cell.basis += "; run the same number";
  }
}

Cell MakeCell(const CellKind& kind, const PairOf& pair) {
  Cell cell = {.metric = kind.metric, .statistic = kind.statistic, .headline = kind.headline};
  cell.a_runs = ValuesOf(pair.a, kind, pair.ttft);
  cell.b_runs = ValuesOf(pair.b, kind, pair.ttft);
  cell.a = Typical(cell.a_runs);
  cell.b = Typical(cell.b_runs);
  if (!cell.a || !cell.b) {
    cell.advice = "not every run has it";
    return cell;
  }
  if (!Positive(cell.a_runs) || !Positive(cell.b_runs)) {
    Refuse(cell, Verdict::kNotComparable,
           kind.metric == Metric::kItl ? "zero gaps; compare TPOT" : "it is 0 in a run");
    return cell;
  }
  if (QuantileOf(kind.statistic).value_or(0) >= kFarQuantile && pair.differ_in_length) {
    Refuse(cell, Verdict::kNotComparable,
           "it depends on a run's length: send as many requests and tokens");
    return cell;
  }
  pair.single ? CompareSingle(cell, kind, pair) : CompareRepeats(cell, kind, pair);
  return cell;
}

}  // namespace

PairSize SizeOf(const Variant& a, const Variant& b) {
  return {.a_runs = a.runs.size(),
          .b_runs = b.runs.size(),
          .requests = std::min(RequestsOf(a), RequestsOf(b))};
}

std::vector<Cell> MakeCells(const Variant& a, const Variant& b, double run_noise) {
  const bool some_lack_records = AnyRun(a, b, [](const RunData& run) { return !run.samples; });
  const bool single = SizeOf(a, b).single();
  const PairOf pair = {
      .a = a,
      .b = b,
      .run_noise = run_noise,
      .ttft = some_lack_records ? TtftSource::kWithBurst : TtftSource::kWithoutBurst,
      .single = single,
      .wanders = single && AnyRun(a, b, &Wanders),
      .differ_in_length = DifferInLength(a, b)};
  std::vector<Cell> cells;
  for (const CellKind& kind : CellKinds()) cells.push_back(MakeCell(kind, pair));
  return cells;
}

}  // namespace sseprof
