#include "neighbours/value_stats.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sseprof/quantile.h"

namespace sseprof {

ValueStats::ValueStats(std::vector<double> values) : sorted_(std::move(values)) {
  std::sort(sorted_.begin(), sorted_.end());
  long double sum = 0;
  for (const double value : sorted_) sum += value;
  sum_ = static_cast<double>(sum);
}

double ValueStats::Mean() const { return sum_ / static_cast<double>(sorted_.size()); }

double ValueStats::Std() const {
  const double mean = Mean();
  long double squares = 0;
  for (const double value : sorted_) squares += (value - mean) * (value - mean);
  return std::sqrt(static_cast<double>(squares) / static_cast<double>(sorted_.size()));
}

double ValueStats::Quantile(double p) const { return QuantileOfSorted(sorted_, p); }

}  // namespace sseprof
