#pragma once

#include <cstdint>

#include "sseprof/record.h"
#include "sseprof/run_context.h"
#include "sseprof/summary.h"

namespace sseprof {

/// How well the arrivals of measured requests are known. An event is exact, or bundled (its
/// interval is at most 100 us wide: the server sent several at once), or coalesced (wider: the
/// client came too late to tell).
struct EventCounts {
  std::uint64_t exact = 0, bundled = 0, coalesced = 0;  ///< all events
  std::uint64_t output = 0, output_bundled = 0, output_coalesced = 0;
  Nanos widest{};

  void Add(const RequestRecord& record);
  /// Coalesced share of output events; 0 if there are none.
  double CoalescedShare() const;
};

/// What the client says of itself, with its verdict: `client_limited` if more than 5 % of output
/// events are coalesced, or send_delay p99 is above 5 % of TTFT p50, or (user-space stamps)
/// client_delay p99 is above 5 % of ITL p50. `summary` must hold its distributions.
ClientReport MakeClientReport(const Summary& summary, const EventCounts& events,
                              std::uint64_t retried, const RunEnd& end);

/// Marks the quantiles that the client's own error may have moved by more than 5 %.
/// `summary` must hold its distributions and its client report, if there is one.
void MarkUntrusted(Summary& summary);

}  // namespace sseprof
