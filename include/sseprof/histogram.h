#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// Log-linear histogram of spans from 0 to below 2^44 ns (4.8 hours): 1,024 slots per power of two,
/// so that a slot's middle is within 0.05 % of every value in it; below 2,048 ns values are exact.
/// Count, sum, minimum and maximum are exact. Memory is fixed (280 KiB), Record never allocates.
/// All results depend on the multiset of values alone, not on their order or on merging.
/// Not thread-safe.
///
/// The slot of v is v itself below 1,024; else 1,024 s + (v >> s), s = floor(log2 v) - 10, and it
/// holds 2^s values. Worked: v = 7,000,000 ns. log2 v = 22.7, so s = 12; v >> 12 = 1,708;
/// slot = 12,288 + 1,708 = 13,996, which holds 6,995,968 to 7,000,063. Its middle, 6,998,015.5,
/// stands for all of them: 0.03 % off here.
class Histogram {
 public:
  Histogram();

  /// False if the value is below 0 or above the range: then it is not recorded.
  bool Record(Nanos value);
  bool Record(Nanos value, std::uint64_t times);

  void Merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  /// @pre count() > 0
  Nanos min() const { return Nanos{min_}; }
  Nanos max() const { return Nanos{max_}; }
  double MeanNanos() const;
  /// Population standard deviation (numpy's default), nanoseconds.
  double StddevNanos() const;

  /// Quantile p in [0, 1] by linear interpolation between order statistics, h = (n-1)p;
  /// nanoseconds.
  /// @pre count() > 0
  double QuantileNanos(double p) const;

  /// How many values are above `threshold`, to the slot.
  std::uint64_t CountAbove(Nanos threshold) const;
  /// The sum of those values, to 0.05 %; nanoseconds.
  double SumAboveNanos(Nanos threshold) const;

  /// Occupied slots as (slot, count), ascending; with FromSparse the same histogram but for the
  /// exact sum, min and max, which are given beside.
  struct Sparse {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> slots;
    std::int64_t min_ns = 0, max_ns = 0;
    std::string sum_ns, sum_squares;  ///< decimal integers (128 bit)
  };
  Sparse ToSparse() const;
  static std::optional<Histogram> FromSparse(const Sparse& sparse);

 private:
  std::vector<std::uint64_t> slots_;
  std::uint64_t count_ = 0;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
  __extension__ typedef unsigned __int128 Wide;
  Wide sum_ = 0;
  Wide sum_squares_ = 0;
};

}  // namespace sseprof
