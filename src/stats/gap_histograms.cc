#include "stats/gap_histograms.h"

#include <algorithm>

#include "stats/client_report.h"

namespace sseprof {

void GapHistograms::Add(const Gap& gap, Nanos width_after) {
  const Nanos length = std::max(Nanos{0}, gap.length);
  if (gap.exact) {
    exact_.Record(length);
    return;
  }
  if (!uncertain_) uncertain_ = std::make_unique<Uncertain>();
  uncertain_->nominal.Record(length);
  uncertain_->low.Record(gap.low);
  uncertain_->high.Record(std::max(Nanos{0}, gap.high));
  const Nanos width_before = gap.high - gap.length;
  if (std::max(width_before, width_after) > kCoalescedAbove) ++wide_;
}

Histogram GapHistograms::WithUncertain(Histogram Uncertain::*which) const {
  Histogram all = exact_;
  if (uncertain_) all.Merge((*uncertain_).*which);
  return all;
}

}  // namespace sseprof
