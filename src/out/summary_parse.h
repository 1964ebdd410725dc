#pragma once

#include <string_view>

#include "sseprof/summary.h"

namespace sseprof {

struct ParsedSummary {
  Summary summary;
  /// It was written by the script that sseprof replaces: latencies and throughput alone.
  bool replaced_script = false;
};

/// The inverse of SummaryJson: what is made of it again by SummaryJson is the same text. What a
/// summary does not hold (the run's options and origin) has its default.
/// @throws JsonError, or FormatError naming the section and the key
ParsedSummary ParseSummary(std::string_view text);

}  // namespace sseprof
