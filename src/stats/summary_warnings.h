#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sseprof/summary.h"
#include "stats/client_report.h"

namespace sseprof {

/// What the warnings need beside the figures of the summary. Counts are of good measured requests.
struct WarningFacts {
  EventCounts events;
  std::uint64_t missing_usage = 0;  ///< no completion tokens reported
  std::uint64_t usage_above_limit = 0;
  std::uint64_t cached = 0;  ///< with cached prompt tokens
  std::uint64_t done_missing = 0;
  std::uint64_t short_answers = 0;     ///< ended before max_tokens, not by length
  std::optional<double> first_ttft_s;  ///< median of the first `concurrency` measured requests
  std::optional<double> other_ttft_s;  ///< of the others, if there are at least 8
  double warmup_share = 0;             ///< slot time that warm-up requests held inside the window
  std::vector<Warning> of_run;
  bool end_known = true;
};

/// All warnings of a summary whose other fields are complete: those of the run and the computed
/// ones, in a fixed order of their codes.
std::vector<Warning> MakeWarnings(const Summary& summary, const WarningFacts& facts);

}  // namespace sseprof
