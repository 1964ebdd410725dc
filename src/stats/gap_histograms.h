#pragma once

#include <cstdint>
#include <memory>

#include "sseprof/histogram.h"
#include "sseprof/record.h"

namespace sseprof {

/// The gaps of a run, with the bounds between which uncertain ones lie. Nearly all gaps are exact,
/// so memory for uncertain ones is taken when the first comes. Not thread-safe.
class GapHistograms {
 public:
  /// `width_after` is the width of the gap's later event.
  void Add(const Gap& gap, Nanos width_after);

  const Histogram& exact() const { return exact_; }
  /// Gaps with an end that is known to more than 100 us only.
  std::uint64_t wide() const { return wide_; }

  Histogram Nominal() const { return WithUncertain(&Uncertain::nominal); }
  Histogram Low() const { return WithUncertain(&Uncertain::low); }
  Histogram High() const { return WithUncertain(&Uncertain::high); }

 private:
  struct Uncertain {
    Histogram nominal, low, high;
  };
  Histogram WithUncertain(Histogram Uncertain::*which) const;

  Histogram exact_;
  std::unique_ptr<Uncertain> uncertain_;
  std::uint64_t wide_ = 0;
};

}  // namespace sseprof
