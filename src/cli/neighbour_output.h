#pragma once

#include <string>

#include "cli/run_outputs.h"

namespace sseprof {

/// The files of --save-vllm and --save-aiperf of one run, which are made of its records when it has
/// ended. Where nobody asked for a record file, the records go into one without a name, beside the
/// first of those files: it is gone when this object is, and however the process ends.
class NeighbourOutput {
 public:
  /// @throws UsageError if there can be no such file.
  explicit NeighbourOutput(const RunOutputs& outputs);
  ~NeighbourOutput();
  NeighbourOutput(const NeighbourOutput&) = delete;
  NeighbourOutput& operator=(const NeighbourOutput&) = delete;

  /// Where the run is to write its records; empty: nowhere.
  const std::string& records() const { return records_; }

  /// Writes the files, if there are to be any. The records must be complete.
  /// @throws UsageError
  void Write() const;

  /// Says of which option records there is a problem with; empty: with none.
  std::string Explain(const std::string& problem) const;

 private:
  NeighbourFiles files_;
  std::string records_;
  int fd_ = -1;  ///< of the file without a name
};

}  // namespace sseprof
