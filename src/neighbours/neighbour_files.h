#pragma once

#include <string>

namespace sseprof {

/// Results in the formats of other tools; empty: none.
struct NeighbourFiles {
  std::string vllm;    ///< --save-vllm
  std::string aiperf;  ///< --save-aiperf

  bool any() const { return !vllm.empty() || !aiperf.empty(); }
};

/// Writes them from a run's record file, in one pass over it. Each is held in memory, with every
/// gap: about 60 bytes a gap.
/// @throws UsageError if the records can't be read, a file can't be written, or --save-vllm is
/// asked for of a run without a stream; then a file that was there before is as it was. One that
/// can't be written does not keep the other from it.
void WriteNeighbourFiles(const std::string& records, const NeighbourFiles& files);

}  // namespace sseprof
