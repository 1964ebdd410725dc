#include "cli/run_outputs.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "out/output_file.h"
#include "sseprof/error.h"

namespace sseprof {

bool IsSpecial(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  return std::filesystem::is_other(status);
}

std::string NumberedPath(const std::string& path, int number) {
  if (IsSpecial(path)) return path;
  const std::string extension = std::filesystem::path(path).extension().string();
  return fmt::format("{}.{}{}", path.substr(0, path.size() - extension.size()), number, extension);
}

RunOutputs OutputsOfRun(const RunOptions& run, int number) {
  const auto name = [&run, number](const std::string& given) {
    return given.empty() || run.repeat == 1 ? given : NumberedPath(given, number);
  };
  return {.out = name(run.out),
          .records = name(run.records),
          .openmetrics = name(run.metrics.openmetrics),
          .neighbours = {.vllm = name(run.neighbours.vllm), .aiperf = name(run.neighbours.aiperf)}};
}

void CheckOutputs(const RunOptions& run) {
  if (run.neighbours.any() && IsSpecial(run.records)) {
    throw UsageError(fmt::format(
        "--records: '{}' can't be read back, which --save-vllm and --save-aiperf need: name a "
        "file, or leave it out",
        run.records));
  }
  const auto check = [](const std::string& path) {
    if (!path.empty() && path != "-") CheckOutputPath(path);
  };
  for (int number = 1; number <= run.repeat; ++number) {
    const RunOutputs outputs = OutputsOfRun(run, number);
    check(outputs.out);
    check(outputs.records);
    check(outputs.openmetrics);
    check(outputs.neighbours.vllm);
    check(outputs.neighbours.aiperf);
  }
}

}  // namespace sseprof
