#include "bench/stats/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace sseprof::bench {
namespace {

// The bounds, of 400 trials. The share of all cells is that of a scenario: its cells rise and fall
// together, so that the share in one setting alone scatters by half a percent about 5.
constexpr double kMostFalsePercent = 5.5;
constexpr int kMostFalseOfACell = 34;
constexpr int kMostFalseOverall = 30;
constexpr int kLeastFalseOfNaive = 200;
// Of every cell, and of all together: a cell that rides on rare pauses is covered more often.
constexpr double kLeastCoverage = 92, kMostCoverage = 97;

double Percent(int some, int all) { return all > 0 ? 100.0 * some / all : 0; }

/// "4.5", or an en dash where nothing was judged.
std::string Share(int some, int all) {
  return all > 0 ? fmt::format("{:.1f}", Percent(some, all)) : "–";
}

/// As few trials can't tell a share, a cell that is mostly refused is left out of ranges.
bool OftenJudged(const CellTally& cell, int trials) { return cell.judged >= trials / 2; }

struct Range {
  double least = HUGE_VAL, most = -HUGE_VAL;
  std::string least_name, most_name;

  std::string Words() const {
    if (least_name.empty()) return "– | –";
    return fmt::format("{:.1f} {} | {:.1f} {}", least, least_name, most, most_name);
  }
};

Range CoverageOfCells(const Tally& tally, int trials) {
  Range range;
  for (const CellTally& cell : tally.cells) {
    if (!OftenJudged(cell, trials)) continue;
    const double percent = 100 - Percent(cell.leaves_out_truth, cell.judged);
    if (percent < range.least) range.least = percent, range.least_name = cell.name;
    if (percent > range.most) range.most = percent, range.most_name = cell.name;
  }
  return range;
}

/// Calls `row` for each scenario and setting.
void ForEach(const std::vector<ScenarioTally>& all,
             const std::function<void(const ScenarioTally&, std::size_t)>& row) {
  for (const ScenarioTally& one : all) {
    for (std::size_t i = 0; i < Settings().size(); ++i) row(one, i);
  }
}

/// In all bounded settings of single runs, or of repeats.
double PooledFalsePercent(const ScenarioTally& one, bool single) {
  int wrong = 0, judged = 0;
  for (std::size_t i = 0; i < Settings().size(); ++i) {
    if (!Settings()[i].bounded || (Settings()[i].runs == 1) != single) continue;
    wrong += one.Of(i, Against::kItself).wrong();
    judged += one.Of(i, Against::kItself).judged();
  }
  return Percent(wrong, judged);
}

std::string Where(const ScenarioTally& one, std::size_t setting) {
  return fmt::format("{}; {}", one.scenario.name, Settings()[setting].name);
}

/// The row of what there is to find.
std::string TrueDifferences(const ScenarioTally& one) {
  std::string row = fmt::format("| {}; true difference |", one.scenario.name);
  for (const char* name : {"ITL p50", "ITL p99", "TTFT p50", "decode_tps"}) {
    const auto percent = [&](Against against) {
      return 100 * std::expm1(one.Of(0, against).Cell(name).truth);
    };
    row += fmt::format(" {:+.1f} / {:+.1f} |", percent(Against::kFivePercent),
                       percent(Against::kTenPercent));
  }
  return row + " | |\n";
}

}  // namespace

std::string FalseVerdicts(const std::vector<ScenarioTally>& all) {
  std::string text =
      "| A against itself, % | all cells | worst cell | ITL p50 | ITL p99 | TTFT p50 | decode_tps "
      "| overall better or worse | overall same | judged |\n"
      "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|\n";
  ForEach(all, [&text](const ScenarioTally& one, std::size_t i) {
    if (i == 0) {
      text +=
          fmt::format("| {}; 1 run, gaps resampled | | | {} | {} | | | | | |\n", one.scenario.name,
                      Share(one.naive_p50, one.trials), Share(one.naive_p99, one.trials));
    }
    const Tally& tally = one.Of(i, Against::kItself);
    const CellTally& worst = tally.MostFalse();
    const auto share = [&tally](const char* name) {
      return Share(tally.Cell(name).leaves_out_none, tally.Cell(name).judged);
    };
    text += fmt::format("| {} | {:.1f} | {}, {} of {} | {} | {} | {} | {} | {} | {} | {:.0f} |\n",
                        Where(one, i), tally.FalsePercent(), worst.name, worst.leaves_out_none,
                        worst.judged, share("ITL p50"), share("ITL p99"), share("TTFT p50"),
                        share("decode_tps"), Share(tally.better + tally.worse, one.trials),
                        Share(tally.same, one.trials),
                        Percent(tally.Cell("ITL p50").judged, one.trials));
    if (i + 1 < Settings().size()) return;
    text += fmt::format("| {}; all repeats | {:.1f} | | | | | | | | |\n", one.scenario.name,
                        PooledFalsePercent(one, false));
  });
  return text;
}

std::string Coverage(const std::vector<ScenarioTally>& all) {
  std::string text =
      "| the true ratio lies in the interval, %, where steps take 5 % longer | all cells | least | "
      "most | cells judged "
      "|\n|---|---:|---|---|---:|\n";
  ForEach(all, [&text](const ScenarioTally& one, std::size_t i) {
    const Tally& tally = one.Of(i, Against::kFivePercent);
    if (tally.judged() == 0) return;
    text += fmt::format("| {} | {:.1f} | {} | {:.1f} |\n", Where(one, i), tally.CoveragePercent(),
                        CoverageOfCells(tally, one.trials).Words(),
                        static_cast<double>(tally.judged()) / one.trials);
  });
  return text;
}

std::string Power(const std::vector<ScenarioTally>& all) {
  std::string text =
      "| found, %, where steps take 5 / 10 % longer | ITL p50 | ITL p99 | TTFT p50 | decode_tps | "
      "overall worse | "
      "overall "
      "better |\n|---|---:|---:|---:|---:|---:|---:|\n";
  ForEach(all, [&text](const ScenarioTally& one, std::size_t i) {
    const Tally &five = one.Of(i, Against::kFivePercent), &ten = one.Of(i, Against::kTenPercent);
    if (five.judged() == 0) return;
    if (i == 0) text += TrueDifferences(one);
    const auto both = [&](const char* name) {
      if (five.Cell(name).judged == 0) return std::string("–");
      return fmt::format("{:.0f} / {:.0f}", Percent(five.Cell(name).leaves_out_none, one.trials),
                         Percent(ten.Cell(name).leaves_out_none, one.trials));
    };
    text += fmt::format("| {} | {} | {} | {} | {} | {:.0f} / {:.0f} | {:.0f} / {:.0f} |\n",
                        Where(one, i), both("ITL p50"), both("ITL p99"), both("TTFT p50"),
                        both("decode_tps"), Percent(five.worse, one.trials),
                        Percent(ten.worse, one.trials), Percent(five.better, one.trials),
                        Percent(ten.better, one.trials));
  });
  return text;
}

std::string Cells(const ScenarioTally& one) {
  std::string text = fmt::format("| {}: false / covered, % |", one.scenario.name);
  std::string rule = "|---|";
  for (const Setting& setting : Settings()) {
    text += fmt::format(" {} |", setting.name);
    rule += "---:|";
  }
  text += "\n" + rule + "\n";
  for (std::size_t c = 0; c < one.settings[0][0].cells.size(); ++c) {
    text += fmt::format("| {} |", one.settings[0][0].cells[c].name);
    for (std::size_t i = 0; i < Settings().size(); ++i) {
      const CellTally& itself = one.Of(i, Against::kItself).cells[c];
      const CellTally& slower = one.Of(i, Against::kFivePercent).cells[c];
      text += fmt::format(" {} / {} |", Share(itself.leaves_out_none, itself.judged),
                          Share(slower.judged - slower.leaves_out_truth, slower.judged));
    }
    text += "\n";
  }
  return text;
}

std::vector<std::string> Broken(const std::vector<ScenarioTally>& all) {
  std::vector<std::string> broken;
  const auto demand = [&broken](bool holds, std::string what) {
    if (!holds) broken.push_back(std::move(what));
  };
  for (const ScenarioTally& one : all) {
    demand(one.naive_p50 > kLeastFalseOfNaive,
           fmt::format("{}: resampled gaps call only {} of {} different at ITL p50",
                       one.scenario.name, one.naive_p50, one.trials));
    for (const bool single : {true, false}) {
      const double percent = PooledFalsePercent(one, single);
      demand(percent <= kMostFalsePercent,
             fmt::format("{}, {}: {:.2f} % of all cells false", one.scenario.name,
                         single ? "1 run" : "repeats", percent));
    }
  }
  ForEach(all, [&](const ScenarioTally& one, std::size_t i) {
    if (!Settings()[i].bounded) return;
    const Tally& itself = one.Of(i, Against::kItself);
    const CellTally& worst = itself.MostFalse();
    demand(worst.leaves_out_none <= kMostFalseOfACell,
           fmt::format("{}: {} false in {} of {}", Where(one, i), worst.name, worst.leaves_out_none,
                       worst.judged));
    demand(itself.better + itself.worse <= kMostFalseOverall,
           fmt::format("{}: overall false in {} of {}", Where(one, i), itself.better + itself.worse,
                       one.trials));
    if (Settings()[i].runs < 3) return;
    const Tally& slower = one.Of(i, Against::kFivePercent);
    const Range range = CoverageOfCells(slower, one.trials);
    demand(range.least >= kLeastCoverage && slower.CoveragePercent() <= kMostCoverage,
           fmt::format("{}: {:.2f} % covered, {} of {}", Where(one, i), slower.CoveragePercent(),
                       range.least, range.least_name));
  });
  return broken;
}

}  // namespace sseprof::bench
