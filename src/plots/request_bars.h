#pragma once

#include <cstdint>
#include <vector>

#include "plots/run_plots.h"
#include "sseprof/run_context.h"
#include "stats/stalls.h"

namespace sseprof {

/// Gathers the bars of a run's requests and those that failed. Keeps 64 bytes for each request, and
/// the texts of failed ones for 100 of them. Not thread-safe; the order of Add does not matter.
class RequestCollector {
 public:
  explicit RequestCollector(const RunContext& context);

  void Add(const RequestRecord& record);

  /// @param stalls  of the run; those of the bars are taken, at most 6,000, the longest
  /// @param zero    the instant that is second 0, an offset from the run's origin
  RequestBars Bars(const std::vector<StallCollector::Found>& stalls, Nanos zero) const;
  std::vector<FailedRequest> Failed(Nanos zero) const;
  std::uint64_t failed() const { return failed_count_; }

 private:
  struct Row {
    std::int64_t n;
    std::int64_t start;  ///< offset from the origin
    std::int64_t waited;
    std::int64_t ttft;
    std::int64_t length;
    std::int64_t tokens;
    bool warmup;
    Outcome outcome;
  };
  RequestBar BarOf(const Row& row, Nanos zero) const;
  void KeepFailed(const RequestRecord& record);

  Instant origin_;
  std::uint64_t slots_;
  std::vector<Row> rows_;
  std::vector<FailedRequest> failed_;  ///< by number; start_s since the origin
  std::uint64_t failed_count_ = 0;
};

}  // namespace sseprof
