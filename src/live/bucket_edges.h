#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// The upper edges of a Prometheus histogram's buckets: ascending, each edge in its bucket
/// ((lower, upper], as `le` says). Immutable, so any thread may read it.
class BucketEdges {
 public:
  /// `per_decade` edges for each power of ten from `first` to `last`, and `more`. Each is rounded
  /// to four significant digits, and on to the next number that the text format's 16 digits show as
  /// it is (0.008254 s is none). With 48 a decade an edge is 1.049 times the one before it, 1.0496
  /// where rounding adds to it: Prometheus' histogram_quantile, which interpolates linearly, is off
  /// by at most 5 %.
  /// @pre 10 us <= first < last < 10,000 s; per_decade > 0; every edge is a whole number of
  /// nanoseconds
  BucketEdges(int per_decade, Nanos first, Nanos last, const std::vector<Nanos>& more = {});

  std::size_t size() const { return edges_.size(); }
  Nanos edge(std::size_t index) const { return Nanos{edges_[index]}; }

  /// The bucket of a value: the first whose edge is not below it; size() if all are.
  std::size_t IndexOf(Nanos value) const {
    std::size_t index = starts_[SlotOf(value.count())];
    while (index < edges_.size() && edges_[index] < value.count()) ++index;
    return index;
  }

 private:
  /// 16 slots a power of two: a value's slot says where to begin to look.
  static std::size_t SlotOf(std::int64_t value);

  std::vector<std::int64_t> edges_;
  std::vector<std::uint16_t> starts_;  ///< by slot: the bucket of the slot's least value
};

inline std::size_t BucketEdges::SlotOf(std::int64_t value) {
  constexpr std::int64_t kLinear = 16;
  if (value < kLinear) return value < 0 ? 0 : static_cast<std::size_t>(value);
  const int shift = 63 - __builtin_clzll(static_cast<unsigned long long>(value)) - 4;
  return static_cast<std::size_t>(shift) * kLinear + static_cast<std::size_t>(value >> shift);
}

}  // namespace sseprof
