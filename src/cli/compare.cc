#include <functional>
#include <string>

#include "cli/commands.h"
#include "cli/compare_options.h"
#include "cli/exit_status.h"
#include "cli/load_run.h"
#include "cli/output.h"
#include "compare/comparison.h"
#include "out/compare_report.h"
#include "out/output_file.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

Comparison MakeComparison(const CompareCommandOptions& asked) {
  std::vector<RunData> runs;
  for (const std::string& file : asked.files) runs.push_back(LoadRun(file));
  std::vector<Variant> variants = GroupRuns(std::move(runs), asked.by);
  CheckMissing(asked.Missing(), variants);
  const CompareOptions options = {.baseline = FindBaseline(variants, asked.baseline),
                                  .margin = asked.margin_percent / 100,
                                  .run_noise = asked.run_noise_percent / 100};
  Comparison comparison = Compare(std::move(variants), options);
  comparison.missing = asked.Missing();
  return comparison;
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
  const Comparison comparison = MakeComparison(asked);
  WriteResults(asked, comparison);
  if (asked.strict && !comparison.reasons.empty()) return kExitFailures;
  return ExitStatusOf(comparison);
}

}  // namespace sseprof
