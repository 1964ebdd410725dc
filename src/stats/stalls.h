#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "sseprof/histogram.h"
#include "sseprof/record.h"
#include "sseprof/summary.h"
#include "stats/request_row.h"

namespace sseprof {

/// Finds stalls: gaps above max(4 x the run's median gap, 5 ms), from exact arrivals only. As the
/// median is known at the end only, it keeps the 65,536 longest exact gaps above 5 ms (2 MiB at
/// most; which ones does not depend on the order of Add). Where more than that are stalls, count
/// and total come from the histogram of exact gaps, and `shared` and `single` are absent.
///
/// A stall is `shared` (the server paused) if at least half of the streams then decoding stalled
/// too, and one other at least; else `single`. Streams then decoding: good measured requests whose
/// span from first to last output holds the stall's end. Another stalled too if one of its stalls
/// ends within 2 ms of this one's end, or covers the middle of this one (then they overlap by half
/// of the shorter one at least).
/// Not thread-safe.
class StallCollector {
 public:
  explicit StallCollector(std::size_t limit = 65'536) : limit_(limit) {}

  /// A gap of good measured request `n`, which started at this offset from the run's origin.
  void Add(const Gap& gap, std::int64_t n, Nanos start);

  /// What the streams of the whole run say about a stall.
  struct Run {
    double median_gap_nanos = 0;
    std::uint64_t gaps = 0;       ///< all gaps, exact or not; if 0 everything is absent
    const Histogram& exact_gaps;  ///< gaps with exact ends
    const std::deque<RequestRow>& rows;
  };
  Stalls Finish(const Run& run) const;

  /// A stall, with offsets from the run's origin.
  struct Found {
    Nanos length{};
    Nanos end{};
    std::int64_t n = 0;
    bool shared = false;
  };
  struct List {
    std::vector<Found> stalls;  ///< by end; of equal ones by request
    bool complete = true;       ///< false: the longest of them, and `shared` is not known
  };
  List FindAll(const Run& run) const;

  /// Offsets from the run's origin.
  struct Stall {
    std::int64_t length;
    std::int64_t end;
    std::int64_t n;
    std::uint32_t event;
  };

 private:
  std::vector<Stall> KeptAbove(double threshold) const;

  std::size_t limit_;
  std::vector<Stall> kept_;  ///< a heap, shortest on top
};

}  // namespace sseprof
