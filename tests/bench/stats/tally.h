#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/stats/trial.h"

namespace sseprof::bench {

/// What became of one cell in all trials.
struct CellTally {
  std::string name;  ///< "ITL p50"
  double truth = 0;  ///< ln of the true ratio
  int judged = 0;
  int leaves_out_none = 0;   ///< the interval leaves a ratio of 1 out: false where A met itself
  int leaves_out_truth = 0;  ///< the interval leaves the true ratio out
  int same = 0;
  int worse = 0;
};

/// What became of one setting against one variant.
struct Tally {
  std::vector<CellTally> cells;
  int better = 0, worse = 0, same = 0;  ///< overall

  const CellTally& Cell(const std::string& name) const;
  int judged() const;
  int wrong() const;  ///< intervals that leave a ratio of 1 out
  /// Shares in percent, over all cells.
  double FalsePercent() const;
  double CoveragePercent() const;
  const CellTally& MostFalse() const;
};

/// All trials of a scenario.
struct ScenarioTally {
  Scenario scenario;
  int trials = 0;
  int naive_p50 = 0, naive_p99 = 0;
  std::vector<std::array<Tally, kAgainst>> settings;

  const Tally& Of(std::size_t setting, Against against) const {
    return settings[setting][static_cast<std::size_t>(against)];
  }
};

/// The true ratio of a cell is that of its statistic's geometric means over all runs of both
/// variants (5 of each seed, without effects on whole runs).
ScenarioTally TallyOf(const Scenario& scenario, const std::vector<Trial>& trials);

}  // namespace sseprof::bench
