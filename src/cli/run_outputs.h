#pragma once

#include <string>

#include "cli/run_options.h"
#include "neighbours/neighbour_files.h"

namespace sseprof {

/// Where the results of one run go; empty: nowhere.
struct RunOutputs {
  std::string out;  ///< "-": stdout
  std::string records;
  std::string openmetrics;
  NeighbourFiles neighbours;
};

/// Those of run `number` of `run.repeat`, from 1: the names that were given, with the number if
/// there are several runs.
RunOutputs OutputsOfRun(const RunOptions& run, int number);

/// The number before the last extension of the file's name: "out/x.json", 2 is "out/x.2.json"; a
/// name without one gets it at its end. What is no file with contents of its own (/dev/null, a
/// pipe) keeps its name.
std::string NumberedPath(const std::string& path, int number);

/// A device, a pipe or a socket: what it is written can't be read back.
bool IsSpecial(const std::string& path);

/// Checks that everything that the runs are to write can be written. @throws UsageError
void CheckOutputs(const RunOptions& run);

}  // namespace sseprof
