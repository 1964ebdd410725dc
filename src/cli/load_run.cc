#include "cli/load_run.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "compare/run_samples.h"
#include "out/json_fields.h"
#include "out/record_file.h"
#include "out/summary_json.h"
#include "out/summary_parse.h"
#include "plots/run_plotter.h"
#include "sseprof/error.h"
#include "wire/json.h"

namespace sseprof {
namespace {

constexpr std::string_view kRecordsBegin = "{\"sseprof_records\"";

enum class Wanted { kRun, kRunAndPlots };

void ReadRecords(DrawnRun& into, Wanted wanted) {
  RunData& run = into.run;
  RecordReader reader(run.path);
  SummaryBuilder builder(reader.context());
  RunSampler sampler(reader.context());
  std::optional<RunPlotter> plotter;
  if (wanted == Wanted::kRunAndPlots) plotter.emplace(reader.context());
  while (const auto record = reader.Next()) {
    builder.Add(*record);
    sampler.Add(*record);
    if (plotter) plotter->Add(*record);
  }
  const auto& end = reader.end();
  run.summary = builder.Finish(end ? &*end : nullptr);
  run.summary_json = SummaryJson(run.summary);
  run.samples = sampler.Finish(run.summary);
  if (plotter) into.plots = plotter->Finish(run.summary);
}

void ReadSummary(RunData& run) {
  std::ifstream in(run.path, std::ios::binary);
  run.summary_json = std::string{std::istreambuf_iterator<char>(in), {}};
  const auto refuse = [&run](std::string_view why) {
    throw UsageError(
        fmt::format("'{}' holds no run: {}; give what `sseprof run` wrote with --records or --out",
                    run.path, why));
  };
  try {
    ParsedSummary parsed = ParseSummary(run.summary_json);
    run.summary = std::move(parsed.summary);
    run.replaced_script = parsed.replaced_script;
  } catch (const JsonError& error) {
    refuse(error.what());
  } catch (const FormatError& error) {
    refuse(error.what());
  }
}

DrawnRun Load(const std::string& path, Wanted wanted) {
  DrawnRun drawn;
  drawn.run.path = path;
  HoldsRecords(path) ? ReadRecords(drawn, wanted) : ReadSummary(drawn.run);
  return drawn;
}

}  // namespace

bool HoldsRecords(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string begin(kRecordsBegin.size(), '\0');
  if (!in.read(begin.data(), static_cast<std::streamsize>(begin.size())) && !in.eof()) {
    throw UsageError(fmt::format("cannot read '{}': {}", path, std::strerror(errno)));
  }
  return begin == kRecordsBegin;
}

RunData LoadRun(const std::string& path) { return Load(path, Wanted::kRun).run; }

DrawnRun LoadDrawnRun(const std::string& path) { return Load(path, Wanted::kRunAndPlots); }

}  // namespace sseprof
