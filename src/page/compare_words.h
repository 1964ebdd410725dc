#pragma once

#include <optional>
#include <string>

#include "compare/comparison.h"

namespace sseprof {

// The sentences of a comparison's page that no other report has. Verdicts are the comparison's own.

/// "NVFP4 against BF16", "NVFP4 and FP8 against BF16"
std::string CompareTitle(const Comparison& comparison);

/// How the runs were loaded, and how many there are.
std::string CompareWorkload(const Comparison& comparison);

/// The smallest difference in time that a verdict of better or worse stands for.
struct SmallestClaim {
  std::string name;  ///< "ITL p50"
  double seconds = 0;
};
std::optional<SmallestClaim> FindSmallestClaim(const Comparison& comparison);

/// The largest client_delay p99 of all runs; nothing if none states it.
std::optional<double> WorstClientDelay(const Comparison& comparison);

/// How late this program read, beside the smallest claim.
std::string ClientSentence(const Comparison& comparison);

}  // namespace sseprof
