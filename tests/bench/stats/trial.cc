#include "bench/stats/trial.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "bench/stats/draws.h"
#include "compare/run_values.h"

namespace sseprof::bench {
namespace {

constexpr std::uint64_t kRunEffects = 100, kResamples = 101;  // sets of draws beside the variants'
constexpr std::size_t kResampled = 400;
constexpr const char* kWithheld = "a run wanders";

/// The runs of one seed. All have a summary, the first of each variant its records too.
struct Runs {
  std::array<std::vector<RunData>, kStepFactors.size()> of;
  std::array<std::vector<double>, kStepFactors.size()> effects;  ///< standard normal
};

Runs MakeRuns(const Scenario& scenario, std::uint64_t seed) {
  Runs runs;
  for (std::size_t set = 0; set < kStepFactors.size(); ++set) {
    for (std::size_t i = 0; i < kMostRuns; ++i) {
      Draws draws(seed, set, i);
      RunData run = EngineRun(scenario, kStepFactors[set], draws);
      runs.of[set].push_back(i == 0 ? std::move(run) : WithoutRecords(run));
      runs.effects[set].push_back(Draws(seed, kRunEffects + set, i).Normal());
    }
  }
  return runs;
}

Variant MakeVariant(const Runs& runs, std::size_t set, const Setting& setting) {
  Variant variant{.name = set == 0 ? "A" : "B"};
  if (setting.runs == 1) {
    variant.runs = {runs.of[set][0]};
    return variant;
  }
  for (std::size_t i = 0; i < setting.runs; ++i) {
    const double effect = std::exp(setting.run_sd * runs.effects[set][i]);
    variant.runs.push_back(Slowed(runs.of[set][i], effect));
  }
  return variant;
}

Outcome Judged(Variant a, Variant b, double run_noise) {
  const Pair pair = Compare({std::move(a), std::move(b)}, {.run_noise = run_noise}).pairs.at(0);
  Outcome outcome{.overall = pair.overall};
  for (const Cell& cell : pair.cells) {
    CellOutcome& found = outcome.cells.emplace_back();
    found.verdict = cell.verdict;
    if (!cell.difference) continue;
    found.lower = cell.difference->lower;
    found.upper = cell.difference->upper;
    found.judged = !cell.advice.starts_with(kWithheld);
  }
  return outcome;
}

/// Whether quantile p of two samples differs by a percentile bootstrap that resamples gaps. A
/// resample's quantile is the sample's own at a level that scatters by sqrt(p(1-p)/n) about p, so
/// that resamples need not be made.
bool NaivelyDiffer(const Sample& a, const Sample& b, double p, Draws& draws) {
  const auto resampled = [p, &draws](const Sample& sample) {
    const double deviation = std::sqrt(p * (1 - p) / static_cast<double>(sample.size()));
    return std::log(sample.Quantile(p + deviation * draws.Normal()));
  };
  std::vector<double> differences(kResampled);
  for (double& difference : differences) difference = resampled(b) - resampled(a);
  std::sort(differences.begin(), differences.end());
  constexpr std::size_t kBeyond = kResampled / 40;  // 2.5 %
  return differences[kBeyond - 1] > 0 || differences[kResampled - kBeyond] < 0;
}

std::vector<double> LogSums(const std::vector<RunData>& runs) {
  std::vector<double> sums;
  for (const CellKind& kind : CellKinds()) {
    double& sum = sums.emplace_back(0);
    for (const RunData& run : runs) {
      sum += std::log(*ValueOf(run, kind.metric, kind.statistic, TtftSource::kWithBurst));
    }
  }
  return sums;
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const std::vector<Setting> settings = {
      {"1 run", 1, 0, 0.01, true},       {"1 run, no noise assumed", 1, 0, 0, false},
      {"2 runs", 2, 0, 0, true},         {"3 runs", 3, 0, 0, true},
      {"5 runs", 5, 0, 0, true},         {"2 runs, 1 %", 2, 0.01, 0, true},
      {"3 runs, 1 %", 3, 0.01, 0, true}, {"5 runs, 1 %", 5, 0.01, 0, true}};
  return settings;
}

Trial RunTrial(const Scenario& scenario, std::uint64_t seed) {
  const Runs runs = MakeRuns(scenario, seed);
  Trial trial;
  for (const Setting& setting : Settings()) {
    auto& outcomes = trial.outcomes.emplace_back();
    const std::size_t compared = setting.bounded ? kAgainst : 1;
    for (std::size_t i = 0; i < compared; ++i) {
      outcomes[i] = Judged(MakeVariant(runs, 0, setting), MakeVariant(runs, i + 1, setting),
                           setting.run_noise);
    }
  }
  for (std::size_t set = 0; set < kStepFactors.size(); ++set) {
    trial.log_sums[set] = LogSums(runs.of[set]);
  }
  Draws draws(seed, kResamples, 0);
  const Sample &a = runs.of[0][0].samples->itl, &b = runs.of[1][0].samples->itl;
  trial.naive_p50 = NaivelyDiffer(a, b, 0.5, draws);
  trial.naive_p99 = NaivelyDiffer(a, b, 0.99, draws);
  return trial;
}

double RecordsAgainstSummaries(const Scenario& scenario, std::uint64_t seed) {
  std::vector<Variant> recorded(2), summarized(2);
  for (std::size_t set = 0; set < 2; ++set) {
    for (std::size_t i = 0; i < 3; ++i) {
      Draws draws(seed, set, i);
      recorded[set].runs.push_back(EngineRun(scenario, kStepFactors[set], draws));
      summarized[set].runs.push_back(WithoutRecords(recorded[set].runs.back()));
    }
  }
  const Pair one = Compare(std::move(recorded), {}).pairs.at(0);
  const Pair other = Compare(std::move(summarized), {}).pairs.at(0);
  double apart = 0;
  for (std::size_t i = 0; i < one.cells.size(); ++i) {
    const auto &found = one.cells[i].difference, &expected = other.cells[i].difference;
    if (!found || !expected) continue;
    apart = std::max({apart, std::abs(found->lower - expected->lower),
                      std::abs(found->upper - expected->upper)});
  }
  return apart;
}

}  // namespace sseprof::bench
