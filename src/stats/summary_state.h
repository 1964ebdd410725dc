#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "sseprof/summary.h"
#include "stats/gap_histograms.h"
#include "stats/instants.h"
#include "stats/request_row.h"
#include "stats/server_side.h"
#include "stats/stalls.h"
#include "stats/steady.h"
#include "stats/summary_warnings.h"
#include "stats/usage_check.h"

namespace sseprof {

/// A mean of whole numbers over the requests that have one.
struct Mean {
  __extension__ typedef __int128 Wide;
  Wide sum = 0;
  std::uint64_t count = 0;

  void Add(std::optional<std::int64_t> value) {
    if (!value) return;
    sum += *value;
    ++count;
  }
  std::optional<double> Value() const {
    if (count == 0) return std::nullopt;
    return static_cast<double>(sum) / static_cast<double>(count);
  }
};

struct LongestGap {
  Nanos length{-1};
  std::int64_t n = 0;
  std::string request_id;
};

struct WarmupSlot {
  std::int64_t from;
  std::int64_t until;
};

/// What a SummaryBuilder has gathered so far: summary_add.cc fills it, summary.cc makes figures of
/// it. Instants are nanoseconds since the run's origin.
struct SummaryBuilder::State {
  explicit State(const RunContext& run) : context(run), steady(run.concurrency), server(run) {}

  RunContext context;
  std::deque<RequestRow> rows;  ///< good measured requests
  Histogram start_lag;
  std::deque<WarmupSlot> warmups;
  std::uint64_t ok = 0, errors = 0, within_slo = 0, retried = 0;
  std::map<std::string, std::uint64_t> failures;
  std::int64_t first_start = std::numeric_limits<std::int64_t>::max();
  std::int64_t latest_end = std::numeric_limits<std::int64_t>::min();
  Mean prompt_tokens, completion_tokens;
  std::uint64_t tpot_exact = 0, tpot_estimated = 0;
  std::uint64_t gaps_all = 0;
  GapHistograms gaps;
  InstantCounter gap_instants;
  LongestGap longest;
  StallCollector stalls;
  SteadyCollector steady;
  UsageCollector usage;
  ServerSide server;
  WarningFacts facts;

  void AddMeasured(const RequestRecord& record, Nanos start);
  void AddGood(const RequestRecord& record, Nanos start);
  void AddGap(const RequestRecord& record, const Gap& gap, Nanos start);

  void SetCounts(Summary& summary, const RunEnd* end) const;
  void SetPerRequest(Summary& summary) const;
  void SetGaps(Summary& summary) const;
  void SetSteady(Summary& summary) const;
  void SetThroughput(Summary& summary) const;
  void SetGoodput(Summary& summary) const;
  WarningFacts Facts(const Summary& summary, const RunEnd* end) const;
  void SetFirstBurst(WarningFacts& out) const;
};

}  // namespace sseprof
