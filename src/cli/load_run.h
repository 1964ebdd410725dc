#pragma once

#include <string>

#include "compare/run_data.h"

namespace sseprof {

/// Reads a run from what `run` wrote, its records or its summary JSON, or from a file of the script
/// that sseprof replaces.
/// @throws UsageError naming the file, and the line of a record file
RunData LoadRun(const std::string& path);

}  // namespace sseprof
