#pragma once

#include <string>
#include <vector>

#include "bench/stats/tally.h"

namespace sseprof::bench {

// Markdown tables of what was found, a row per scenario and setting.

std::string FalseVerdicts(const std::vector<ScenarioTally>& all);
std::string Coverage(const std::vector<ScenarioTally>& all);
std::string Power(const std::vector<ScenarioTally>& all);
/// False verdicts and coverage of every cell, by setting.
std::string Cells(const ScenarioTally& one);

inline constexpr std::size_t kTrialsOfBounds = 400;
/// What should hold of so many trials and does not, one line each.
std::vector<std::string> Broken(const std::vector<ScenarioTally>& all);

}  // namespace sseprof::bench
