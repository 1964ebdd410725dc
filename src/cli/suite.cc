#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "cli/commands.h"
#include "cli/compare_options.h"
#include "cli/exit_status.h"
#include "cli/load_run.h"
#include "cli/load_stop.h"
#include "cli/option_set.h"
#include "cli/output.h"
#include "cli/stop_signal.h"
#include "cli/suite_folder.h"
#include "cli/suite_runs.h"
#include "compare/comparison.h"
#include "out/compare_report.h"
#include "out/output_file.h"
#include "page/compare_page.h"
#include "sseprof/error.h"
#include "suite/plan.h"

namespace sseprof {
namespace {

struct SuiteOptions {
  std::string plan;
  std::string out;
  bool resume = false;
};

std::string ReadPlanFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in || text.empty()) throw UsageError(fmt::format("cannot read the plan '{}'", path));
  return text;
}

/// @param plots  gets what is drawn of the runs
Comparison Compared(const Plan& plan, const std::vector<SuiteRow>& rows, PlotsOfRuns& plots) {
  std::vector<Variant> variants;
  std::vector<MissingVariant> missing;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string& name = plan.variants[i].name;
    if (rows[i].records.empty()) {
      missing.push_back({.name = name, .reason = rows[i].problem});
      continue;
    }
    variants.push_back({.name = name, .runs = {}});
    plots.emplace_back();
    for (const std::string& path : rows[i].records) {
      DrawnRun drawn = LoadDrawnRun(path);
      variants.back().runs.push_back(std::move(drawn.run));
      plots.back().push_back(std::move(drawn.plots));
    }
  }
  Comparison comparison = Compare(std::move(variants), {});
  comparison.missing = std::move(missing);
  return comparison;
}

/// What all variants came to, into the folder and on stdout.
/// @return the exit status
int WriteResults(const Plan& plan, const SuiteFolder& folder, const std::vector<SuiteRow>& rows) {
  bool failed = false, any = false;
  for (const SuiteRow& row : rows) {
    failed |= !row.problem.empty();
    any |= !row.records.empty();
  }
  if (!any) {
    WriteStderr("sseprof: no variant could be run: see above");
    return kExitFailures;
  }
  PlotsOfRuns plots;
  const Comparison comparison = Compared(plan, rows, plots);
  const CompareTexts texts = {.json = CompareJson(comparison), .text = CompareText(comparison)};
  WriteFile(folder.File("compare.json"), texts.json);
  WriteFile(folder.File("compare.md"), CompareMarkdown(comparison));
  WriteFile(folder.File("compare.html"), ComparePage(comparison, plots, texts));
  WriteStdout(texts.text);
  return failed ? kExitFailures : ExitStatusOf(comparison);
}

}  // namespace

int SuiteCommand(const std::vector<std::string>& args) {
  SuiteOptions asked;
  OptionSet options("suite",
                    "Start the server of each variant of a plan, run the same load on it, end it, "
                    "and compare.");
  options.Positional("PLAN", asked.plan, "JSON with comments; see README");
  options.Group("Output");
  options.Text("--out FOLDER", asked.out,
               "For all results and logs; without it results/ and the plan's name");
  options.Flag("--resume", asked.resume, "Go on in a folder where some runs are done already");
  if (options.Parse(args) == OptionSet::Parsed::kDone) return kExitGood;

  const std::string text = ReadPlanFile(asked.plan);
  const Plan plan = ParsePlan(text, asked.plan);
  const SuiteFolder folder(
      asked.out.empty() ? "results/" + plan.name : asked.out,
      asked.resume ? SuiteFolder::Runs::kMayBeThere : SuiteFolder::Runs::kNone);
  LoadStop stop;
  const StopSignal signal(stop);
  SuiteRuns runs(plan, folder, [&stop] { return stop.stopped(); });
  WriteSurroundings(folder, text);
  const int status = WriteResults(plan, folder, runs.All());
  return signal.number() != 0 ? kExitInterrupted + signal.number() : status;
}

}  // namespace sseprof
