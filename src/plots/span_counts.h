#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// Counts of spans for one bin of a plot: as Histogram, with 256 slots per power of two (0.2 % from
/// a slot's middle to its edge), and memory only for the powers of two that occur, 1 KiB each.
/// Minimum and maximum are exact. Results depend on the multiset of values alone. Not thread-safe.
class SpanCounts {
 public:
  /// A span below 0 counts as 0, one of 2^44 ns or more as 2^44 - 1.
  void Add(Nanos span);
  void Merge(const SpanCounts& other);

  std::uint64_t count() const { return count_; }
  /// @pre count() > 0, as for MaxNanos
  double QuantileNanos(double p) const;
  double MaxNanos() const { return static_cast<double>(max_); }

 private:
  static constexpr std::uint64_t kPerPage = 256;
  using Page = std::array<std::uint32_t, kPerPage>;

  double ValueAt(std::uint64_t rank) const;

  std::vector<std::unique_ptr<Page>> pages_;  ///< null where nothing fell
  std::uint64_t count_ = 0;
  std::int64_t min_ = 0, max_ = 0;
};

}  // namespace sseprof
