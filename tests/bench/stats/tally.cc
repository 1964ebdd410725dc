#include "bench/stats/tally.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "compare/run_values.h"

namespace sseprof::bench {
namespace {

std::string NameOf(const CellKind& kind) {
  const std::string statistic(Name(kind.statistic));
  return std::string(Name(kind.metric)) + (statistic.empty() ? "" : " " + statistic);
}

/// ln of the true ratio of each cell.
std::vector<double> Truth(const std::vector<Trial>& trials, std::size_t set) {
  std::vector<double> ratios(CellKinds().size());
  const double runs = static_cast<double>(trials.size() * kMostRuns);
  for (const Trial& trial : trials) {
    for (std::size_t i = 0; i < ratios.size(); ++i) {
      ratios[i] += (trial.log_sums[set][i] - trial.log_sums[0][i]) / runs;
    }
  }
  return ratios;
}

void Add(Tally& tally, const Outcome& outcome) {
  if (outcome.cells.empty()) return;
  tally.better += outcome.overall == Verdict::kBetter;
  tally.worse += outcome.overall == Verdict::kWorse;
  tally.same += outcome.overall == Verdict::kSame;
  for (std::size_t i = 0; i < tally.cells.size(); ++i) {
    const CellOutcome& found = outcome.cells[i];
    if (!found.judged) continue;
    CellTally& cell = tally.cells[i];
    ++cell.judged;
    cell.leaves_out_none += found.LeavesOut(0);
    cell.leaves_out_truth += found.LeavesOut(cell.truth);
    cell.same += found.verdict == Verdict::kSame;
    cell.worse += found.verdict == Verdict::kWorse;
  }
}

int Sum(const Tally& tally, int CellTally::*figure) {
  int sum = 0;
  for (const CellTally& cell : tally.cells) sum += cell.*figure;
  return sum;
}

}  // namespace

const CellTally& Tally::Cell(const std::string& name) const {
  for (const CellTally& cell : cells) {
    if (cell.name == name) return cell;
  }
  throw std::out_of_range("no cell " + name);
}

int Tally::judged() const { return Sum(*this, &CellTally::judged); }

int Tally::wrong() const { return Sum(*this, &CellTally::leaves_out_none); }

double Tally::FalsePercent() const { return 100.0 * wrong() / judged(); }

double Tally::CoveragePercent() const {
  return 100 - 100.0 * Sum(*this, &CellTally::leaves_out_truth) / judged();
}

const CellTally& Tally::MostFalse() const {
  return *std::max_element(cells.begin(), cells.end(), [](const auto& one, const auto& other) {
    return one.leaves_out_none < other.leaves_out_none;
  });
}

ScenarioTally TallyOf(const Scenario& scenario, const std::vector<Trial>& trials) {
  ScenarioTally all = {.scenario = scenario, .trials = static_cast<int>(trials.size())};
  all.settings.resize(Settings().size());
  for (std::size_t against = 0; against < kAgainst; ++against) {
    // What meets itself has a true ratio of 1.
    const std::vector<double> truth =
        against == 0 ? std::vector<double>(CellKinds().size()) : Truth(trials, against + 1);
    for (std::size_t setting = 0; setting < Settings().size(); ++setting) {
      Tally& tally = all.settings[setting][against];
      for (std::size_t i = 0; i < truth.size(); ++i) {
        tally.cells.push_back({.name = NameOf(CellKinds()[i]), .truth = truth[i]});
      }
      for (const Trial& trial : trials) Add(tally, trial.outcomes[setting][against]);
    }
  }
  for (const Trial& trial : trials) {
    all.naive_p50 += trial.naive_p50;
    all.naive_p99 += trial.naive_p99;
  }
  return all;
}

}  // namespace sseprof::bench
