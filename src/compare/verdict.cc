#include "compare/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compare/thousands.h"

namespace sseprof {
namespace {

constexpr double kLevel = 0.05;

bool HigherIsBetter(Metric metric) { return metric == Metric::kDecodeTps; }

bool CanBeJudged(const Cell& cell) {
  return cell.difference && cell.verdict == Verdict::kUndecided && cell.advice.empty();
}

void Adjust(std::vector<Cell>& cells, bool headline,
            std::vector<double> (*adjusted)(const std::vector<double>&)) {
  std::vector<Cell*> family;
  std::vector<double> p;
  for (Cell& cell : cells) {
    if (cell.headline != headline || !CanBeJudged(cell)) continue;
    family.push_back(&cell);
    p.push_back(cell.difference->p);
  }
  const std::vector<double> all = adjusted(p);
  for (std::size_t i = 0; i < family.size(); ++i) family[i]->p_adjusted = all[i];
}

std::string Needs(const Cell& cell, const PairSize& size, double margin) {
  if (size.single()) {
    const auto requests = RequestsNeeded(*cell.difference, size.requests, margin);
    if (!requests) return "more requests cannot decide this: 3 or more runs per variant";
    if (!std::isfinite(*requests)) {
      return "an end has no bound: send more requests, or do 3 or more runs per variant";
    }
    return fmt::format("needs about {} requests per variant", Thousands(*requests));
  }
  const int runs = static_cast<int>(std::min(size.a_runs, size.b_runs));
  const auto further = FurtherRunsNeeded(*cell.difference, runs, margin);
  if (!further) return "needs over 60 runs per variant: not worth it";
  return fmt::format("needs about {} more run{} per variant", *further, *further == 1 ? "" : "s");
}

void JudgeCell(Cell& cell, const PairSize& size, double margin) {
  const Difference& difference = *cell.difference;
  const double log_margin = std::log1p(margin);
  if (difference.lower > -log_margin && difference.upper < log_margin) {
    cell.verdict = Verdict::kSame;
    return;
  }
  if (*cell.p_adjusted <= kLevel) {
    const bool higher = difference.log_ratio > 0;
    cell.verdict = higher == HigherIsBetter(cell.metric) ? Verdict::kBetter : Verdict::kWorse;
    return;
  }
  cell.advice = Needs(cell, size, log_margin);
  if (difference.lower > 0 || difference.upper < 0) cell.advice += "; a hint, not a finding";
}

bool Has(const std::vector<Cell>& cells, Verdict verdict) {
  return std::any_of(cells.begin(), cells.end(), [verdict](const Cell& cell) {
    return cell.headline && cell.verdict == verdict;
  });
}

}  // namespace

std::string Words(Verdict verdict, double margin) {
  switch (verdict) {
    case Verdict::kBetter:
      return "better";
    case Verdict::kWorse:
      return "worse";
    case Verdict::kSame:
      return fmt::format("same within {:g} %", 100 * margin);
    case Verdict::kUndecided:
      return "undecided";
    case Verdict::kNotEnoughData:
      return "not enough data";
    default:
      return "not comparable";
  }
}

void Judge(std::vector<Cell>& cells, const PairSize& size, double margin) {
  Adjust(cells, true, &HolmAdjusted);
  Adjust(cells, false, &BenjaminiHochbergAdjusted);
  for (Cell& cell : cells) {
    if (CanBeJudged(cell)) JudgeCell(cell, size, margin);
  }
}

Verdict Overall(const std::vector<Cell>& cells) {
  for (const Verdict verdict :
       {Verdict::kWorse, Verdict::kUndecided, Verdict::kBetter, Verdict::kSame}) {
    if (Has(cells, verdict)) return verdict;
  }
  return Verdict::kUndecided;
}

}  // namespace sseprof
