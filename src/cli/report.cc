#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_set.h"
#include "cli/output.h"
#include "out/json_fields.h"
#include "out/output_file.h"
#include "out/record_file.h"
#include "out/summary_json.h"
#include "out/summary_parse.h"
#include "out/text_report.h"
#include "page/run_page.h"
#include "plots/run_plotter.h"
#include "sseprof/error.h"
#include "sseprof/summary.h"
#include "wire/json.h"

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

/// The text of a file that is one JSON object and no record file; else nothing, and the reader of
/// record files shall say what is wrong.
std::optional<std::string> ReadSummaryFile(const std::string& path) {
  std::ifstream in(path);
  std::string first_line;
  if (!in || !std::getline(in, first_line)) return std::nullopt;
  if (first_line.starts_with("{\"sseprof_records\"")) return std::nullopt;
  return first_line + "\n" + std::string{std::istreambuf_iterator<char>(in), {}};
}

/// One line for each value, named by its path: "latency_s.p50   2.7731".
void AppendValues(const JsonView& value, const std::string& name, std::string& table) {
  if (value.IsObject()) {
    for (const JsonView::Member& member : value.Members()) {
      const std::string prefix = name.empty() ? "" : name + ".";
      AppendValues(member.value, prefix + std::string(member.name), table);
    }
    return;
  }
  const auto text = value.AsString();
  table += fmt::format("{:<36} {}\n", name, text ? std::string(*text) : value.Text());
}

std::optional<std::string> TableOf(const std::string& summary_json) {
  try {
    const JsonDocument document = JsonDocument::Parse(summary_json);
    if (!document.root().Has("latency_s")) return std::nullopt;
    std::string table;
    AppendValues(document.root(), "", table);
    return table;
  } catch (const JsonError&) {
    return std::nullopt;
  }
}

/// The page of a run of which only the summary is left.
std::string SummaryPage(const std::string& path, const std::string& summary_json,
                        const std::string& table) {
  try {
    return RunPage(ParseSummary(summary_json).summary, summary_json, nullptr, table);
  } catch (const FormatError& error) {
    throw UsageError(fmt::format("--html: '{}' is no whole summary: {}", path, error.what()));
  }
}

void ReportRecords(const std::string& path, const std::string& out, const std::string& html) {
  const auto [summary, plots] =
      Rebuild(path, html.empty() ? Wanted::kSummary : Wanted::kSummaryAndPlots);
  const std::string text = TextReport(summary);
  WriteStdout(out == "-" ? SummaryJson(summary) : text);
  if (!out.empty() && out != "-") WriteFile(out, SummaryJson(summary));
  if (!html.empty()) WriteFile(html, RunPage(summary, SummaryJson(summary), &*plots, text));
}

}  // namespace

int ReportCommand(const std::vector<std::string>& args) {
  std::string path, out, html;
  OptionSet options(
      "report",
      "Rebuild the summary of a run from its record file. A summary JSON, also one of "
      "the replaced script, is shown as a table.");
  options.Positional("RECORDS", path, "What `run --records` wrote, or a summary JSON");
  options.Group("Output");
  options.Text("--out FILE", out, "Write the summary as JSON; - is stdout");
  options.Text("--html FILE", html, "Write a page with plots: one file, for any browser");
  if (options.Parse(args) == OptionSet::Parsed::kDone) return kExitGood;

  if (!out.empty() && out != "-") CheckOutputPath(out);
  if (html == "-") throw UsageError("--html: a page goes into a file, not to stdout");
  if (!html.empty()) CheckOutputPath(html);
  if (html == path) {
    throw UsageError(fmt::format("'{}' would be overwritten: it is the run itself", path));
  }
  const auto summary_json = ReadSummaryFile(path);
  if (const auto table = summary_json ? TableOf(*summary_json) : std::nullopt) {
    if (!out.empty()) throw UsageError(fmt::format("--out: '{}' is a summary already", path));
    WriteStdout(*table);
    if (!html.empty()) WriteFile(html, SummaryPage(path, *summary_json, *table));
    return kExitGood;
  }
  ReportRecords(path, out, html);
  return kExitGood;
}

}  // namespace sseprof
