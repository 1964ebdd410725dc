#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "plots/bin_width.h"

namespace sseprof {

/// Bins of run time for a run of unknown length: they widen as it goes on, so that there are never
/// more than kMost. `Cell` has Merge. What they hold in the end does not depend on the order in
/// which instants come. Not thread-safe.
template <class Cell>
class WideningBins {
 public:
  static constexpr std::size_t kMost = 1'500;

  /// The bin of an instant, an offset from the run's origin.
  Cell& At(Nanos offset) {
    const Nanos at = std::max(offset, Nanos{0});
    while (static_cast<std::size_t>(at / width_) >= kMost) Widen();
    const auto index = static_cast<std::size_t>(at / width_);
    if (index >= cells_.size()) cells_.resize(index + 1);
    return cells_[index];
  }

  Nanos width() const { return width_; }

  /// The same in bins of `width`, a multiple of width().
  std::vector<Cell> InBinsOf(Nanos width) const {
    const auto factor = static_cast<std::size_t>(width / width_);
    std::vector<Cell> wide((cells_.size() + factor - 1) / factor);
    for (std::size_t i = 0; i < cells_.size(); ++i) wide[i / factor].Merge(cells_[i]);
    return wide;
  }

 private:
  void Widen() {
    const Nanos next = NextGathered(width_);
    std::vector<Cell> wide = InBinsOf(next);
    cells_ = std::move(wide);
    width_ = next;
  }

  Nanos width_ = kFinestBin;
  std::vector<Cell> cells_;
};

}  // namespace sseprof
