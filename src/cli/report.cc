#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_set.h"
#include "cli/output.h"
#include "out/output_file.h"
#include "out/record_file.h"
#include "out/summary_json.h"
#include "out/text_report.h"
#include "sseprof/error.h"
#include "sseprof/summary.h"
#include "wire/json.h"

namespace sseprof {
namespace {

Summary RebuildSummary(const std::string& path) {
  RecordReader reader(path);
  SummaryBuilder builder(reader.context());
  while (const auto record = reader.Next()) builder.Add(*record);
  const auto& end = reader.end();
  return builder.Finish(end ? &*end : nullptr);
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

std::optional<std::string> SummaryFileTable(const std::string& path) {
  const auto text = ReadSummaryFile(path);
  if (!text) return std::nullopt;
  try {
    const JsonDocument document = JsonDocument::Parse(*text);
    if (!document.root().Has("latency_s")) return std::nullopt;
    std::string table;
    AppendValues(document.root(), "", table);
    return table;
  } catch (const JsonError&) {
    return std::nullopt;
  }
}

}  // namespace

int ReportCommand(const std::vector<std::string>& args) {
  std::string path, out;
  OptionSet options(
      "report",
      "Rebuild the summary of a run from its record file. A summary JSON, also one of "
      "the replaced script, is shown as a table.");
  options.Positional("RECORDS", path, "What `run --records` wrote, or a summary JSON");
  options.Group("Output");
  options.Text("--out FILE", out, "Write the summary as JSON; - is stdout");
  if (options.Parse(args) == OptionSet::Parsed::kDone) return kExitGood;

  if (!out.empty() && out != "-") CheckOutputPath(out);
  if (const auto table = SummaryFileTable(path)) {
    if (!out.empty()) throw UsageError(fmt::format("--out: '{}' is a summary already", path));
    WriteStdout(*table);
    return kExitGood;
  }
  const Summary summary = RebuildSummary(path);
  WriteStdout(out == "-" ? SummaryJson(summary) : TextReport(summary));
  if (!out.empty() && out != "-") WriteFile(out, SummaryJson(summary));
  return kExitGood;
}

}  // namespace sseprof
