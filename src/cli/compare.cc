#include <functional>
#include <map>
#include <string>
#include <utility>

#include "cli/commands.h"
#include "cli/compare_options.h"
#include "cli/exit_status.h"
#include "cli/load_run.h"
#include "cli/output.h"
#include "compare/comparison.h"
#include "out/compare_report.h"
#include "out/output_file.h"
#include "page/compare_page.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

using PlotsByPath = std::map<std::string, RunPlots>;

/// @param plots  gets those of the runs, if a page is wanted
Comparison MakeComparison(const CompareCommandOptions& asked, PlotsByPath& plots) {
  std::vector<RunData> runs;
  for (const std::string& file : asked.files) {
    if (asked.html.empty()) {
      runs.push_back(LoadRun(file));
      continue;
    }
    DrawnRun drawn = LoadDrawnRun(file);
    if (drawn.plots) plots.emplace(file, std::move(*drawn.plots));
    runs.push_back(std::move(drawn.run));
  }
  std::vector<Variant> variants = GroupRuns(std::move(runs), asked.by);
  CheckMissing(asked.Missing(), variants);
  const CompareOptions options = {.baseline = FindBaseline(variants, asked.baseline),
                                  .margin = asked.margin_percent / 100,
                                  .run_noise = asked.run_noise_percent / 100};
  Comparison comparison = Compare(std::move(variants), options);
  comparison.missing = asked.Missing();
  return comparison;
}

PlotsOfRuns InOrderOf(const Comparison& comparison, PlotsByPath plots) {
  PlotsOfRuns ordered;
  for (const Variant& variant : comparison.variants) {
    auto& runs = ordered.emplace_back();
    for (const RunData& run : variant.runs) {
      const auto found = plots.find(run.path);
      found == plots.end() ? runs.emplace_back() : runs.emplace_back(std::move(found->second));
    }
  }
  return ordered;
}

void WritePage(const std::string& path, const Comparison& comparison, PlotsByPath plots) {
  const CompareTexts texts = {.json = CompareJson(comparison), .text = CompareText(comparison)};
  WriteFile(path, ComparePage(comparison, InOrderOf(comparison, std::move(plots)), texts));
}

void WriteResults(const CompareCommandOptions& asked, const Comparison& comparison) {
  bool stdout_taken = false;
  const auto write = [&](const std::string& path, std::string (*make)(const Comparison&)) {
    if (path.empty()) return;
    stdout_taken |= path == "-";
    path == "-" ? WriteStdout(make(comparison)) : WriteFile(path, make(comparison));
  };
  write(asked.out, &CompareJson);
  write(asked.markdown, &CompareMarkdown);
  if (!stdout_taken) WriteStdout(CompareText(comparison));
}

}  // namespace

int CompareCommand(const std::vector<std::string>& args) {
  CompareCommandOptions asked;
  OptionSet options("compare",
                    "Hold the tails of two or more variants side by side, and say which "
                    "differences are real. The first file's variant is the baseline; the verdict "
                    "speaks of the others against it.");
  asked.Define(options);
  if (options.Parse(args, [&asked] { asked.Check(); }) == OptionSet::Parsed::kDone) {
    return kExitGood;
  }
  PlotsByPath plots;
  const Comparison comparison = MakeComparison(asked, plots);
  WriteResults(asked, comparison);
  if (!asked.html.empty()) WritePage(asked.html, comparison, std::move(plots));
  if (asked.strict && !comparison.reasons.empty()) return kExitFailures;
  return ExitStatusOf(comparison);
}

}  // namespace sseprof
