#include <fmt/format.h>

#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/load_run.h"
#include "cli/option_set.h"
#include "cli/output.h"
#include "neighbours/neighbour_files.h"
#include "out/output_file.h"
#include "out/record_file.h"
#include "out/summary_json.h"
#include "out/text_report.h"
#include "page/run_page.h"
#include "plots/run_plotter.h"
#include "sseprof/error.h"
#include "sseprof/summary.h"

namespace sseprof {
namespace {

struct Rebuilt {
  Summary summary;
  std::optional<RunPlots> plots;
};

enum class Wanted { kSummary, kSummaryAndPlots };

Rebuilt Rebuild(const std::string& path, Wanted wanted) {
  RecordReader reader(path);
  SummaryBuilder builder(reader.context());
  std::optional<RunPlotter> plotter;
  if (wanted == Wanted::kSummaryAndPlots) plotter.emplace(reader.context());
  while (const auto record = reader.Next()) {
    builder.Add(*record);
    if (plotter) plotter->Add(*record);
  }
  const auto& end = reader.end();
  Rebuilt rebuilt{.summary = builder.Finish(end ? &*end : nullptr), .plots = std::nullopt};
  if (plotter) rebuilt.plots = plotter->Finish(rebuilt.summary);
  return rebuilt;
}

void ReportRecords(const std::string& path, const std::string& out, const std::string& html) {
  const auto [summary, plots] =
      Rebuild(path, html.empty() ? Wanted::kSummary : Wanted::kSummaryAndPlots);
  const std::string text = TextReport(summary);
  WriteStdout(out == "-" ? SummaryJson(summary) : text);
  if (!out.empty() && out != "-") WriteFile(out, SummaryJson(summary));
  if (!html.empty()) WriteFile(html, RunPage(summary, SummaryJson(summary), &*plots, text));
}

/// The same, as far as a summary alone holds it.
void ReportSummary(const std::string& path, const std::string& out, const std::string& html) {
  if (!out.empty()) throw UsageError(fmt::format("--out: '{}' is a summary already", path));
  const RunData run = LoadRun(path);
  const std::string text = TextReport(run.summary);
  WriteStdout(text);
  if (!html.empty()) WriteFile(html, RunPage(run.summary, run.summary_json, nullptr, text));
}

struct OutputFile {
  const char* option;
  std::string path;
};

/// Each can be written, and is neither the run itself nor another one.
void CheckFiles(const std::string& run, const std::vector<OutputFile>& files) {
  std::vector<std::string> named;
  for (const auto& [option, path] : files) {
    if (path.empty()) continue;
    if (path == "-") throw UsageError(fmt::format("{}: must be a file", option));
    if (NameSameFile(path, run)) {
      throw UsageError(fmt::format("'{}' would be overwritten: it is the run itself", path));
    }
    for (const std::string& other : named) {
      if (!NameSameFile(path, other)) continue;
      throw UsageError(
          fmt::format("{} names the file of another option: give one of its own", option));
    }
    named.push_back(path);
    CheckOutputPath(path);
  }
}

/// A summary holds no requests.
void RefuseNeighbours(const std::string& path, const NeighbourFiles& files) {
  if (!files.any()) return;
  static_cast<void>(LoadRun(path));  // it may be something else, and says so
  throw UsageError(
      fmt::format("{}: '{}' is a summary: give the run's record file, which has its requests",
                  files.vllm.empty() ? "--save-aiperf" : "--save-vllm", path));
}

}  // namespace

int ReportCommand(const std::vector<std::string>& args) {
  std::string path, out, html;
  NeighbourFiles neighbours;
  OptionSet options(
      "report",
      "Rebuild the summary of a run from its record file. A summary JSON, also one of "
      "the replaced script, is shown in the same form.");
  options.Positional("RECORDS", path, "What `run --records` wrote, or a summary JSON");
  options.Group("Output");
  options.Text("--out FILE", out, "Write the summary as JSON; - is stdout");
  options.Text("--html FILE", html, "Write a page with plots: one file, for any browser");
  options.Text("--save-vllm FILE", neighbours.vllm,
               "Write the result as `vllm bench serve --save-result --save-detailed` does");
  options.Text("--save-aiperf FILE", neighbours.aiperf,
               "Write the result as AIPerf's profile_export_aiperf.json");
  if (options.Parse(args) == OptionSet::Parsed::kDone) return kExitGood;

  if (html == "-") throw UsageError("--html: a page goes into a file, not to stdout");
  CheckFiles(path, {{"--out", out == "-" ? "" : out},
                    {"--html", html},
                    {"--save-vllm", neighbours.vllm},
                    {"--save-aiperf", neighbours.aiperf}});
  if (HoldsRecords(path)) {
    WriteNeighbourFiles(path, neighbours);
    ReportRecords(path, out, html);
  } else {
    RefuseNeighbours(path, neighbours);
    ReportSummary(path, out, html);
  }
  return kExitGood;
}

}  // namespace sseprof
