#pragma once

#include <optional>
#include <string>

#include "compare/run_data.h"
#include "plots/run_plots.h"

namespace sseprof {

/// Whether a file begins as the record files of `run` do; what does not is taken for a summary.
/// @throws UsageError if it cannot be read
bool HoldsRecords(const std::string& path);

/// Reads a run from what `run` wrote, its records or its summary JSON, or from a file of the script
/// that sseprof replaces.
/// @throws UsageError naming the file, and the line of a record file
RunData LoadRun(const std::string& path);

/// A run with what is drawn of it, which only records hold.
struct DrawnRun {
  RunData run;
  std::optional<RunPlots> plots;
};
DrawnRun LoadDrawnRun(const std::string& path);

}  // namespace sseprof
