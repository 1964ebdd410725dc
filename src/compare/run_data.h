#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/sample.h"
#include "sseprof/summary.h"

namespace sseprof {

/// What the records of a run hold beyond its summary. Instants are offsets from the
/// start of the first measured request. Of good measured requests, unless it says otherwise.
struct RunSamples {
  Sample itl, tpot, latency;
  Sample ttft;  ///< without the client's own burst, if there are requests behind it
  /// The first max(0, concurrency - warm-up) measured requests, which the client sent at once:
  /// their TTFT, nanoseconds, ascending.
  std::vector<double> burst_ttft;
  /// Of each output event of any request: its tokens; where only usage tells them, its share.
  std::vector<Observation> tokens;
  /// From the first token of the last of the first `concurrency` requests to the first token of the
  /// last request sent; the whole run if no more than `concurrency` were sent. It never begins
  /// before the first token of a measured request: gaps of warm-up are not among the samples.
  Nanos steady_from{}, steady_until{};
  std::optional<double> cached_share;  ///< cached / prompt tokens, of requests that say both
};

/// One run, as it was read from a file.
struct RunData {
  std::string path;
  Summary summary;
  std::string summary_json;           ///< as in the file, or made of its records
  bool replaced_script = false;       ///< a file of the script that sseprof replaces: no tails
  std::optional<RunSamples> samples;  ///< of a record file
};

/// The runs of one variant, in the order of the command line.
struct Variant {
  std::string name;
  std::vector<RunData> runs;
};

}  // namespace sseprof
