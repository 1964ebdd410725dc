#pragma once

#include <cstddef>
#include <vector>

namespace sseprof {

/// What other tools state of a sample, by the definitions of numpy: quantiles by linear
/// interpolation, the standard deviation of the population (divided by n).
class ValueStats {
 public:
  explicit ValueStats(std::vector<double> values);

  std::size_t count() const { return sorted_.size(); }
  double sum() const { return sum_; }
  const std::vector<double>& sorted() const { return sorted_; }

  // All of these need at least one value.
  double Mean() const;
  double Std() const;
  /// @param p  in [0, 1]
  double Quantile(double p) const;
  double Min() const { return sorted_.front(); }
  double Max() const { return sorted_.back(); }

 private:
  std::vector<double> sorted_;
  double sum_ = 0;
};

}  // namespace sseprof
