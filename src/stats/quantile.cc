#include "sseprof/quantile.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace sseprof {

double QuantileOfSorted(std::span<const double> sorted, double p) {
  assert(!sorted.empty());
  const double h = static_cast<double>(sorted.size() - 1) * std::clamp(p, 0.0, 1.0);
  const auto below = std::min(static_cast<std::size_t>(h), sorted.size() - 1);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double fraction = h - static_cast<double>(below);
  const double step = sorted[above] - sorted[below];
  // From the nearer end, as numpy does: the result is never beyond either.
  return fraction < 0.5 ? sorted[below] + step * fraction : sorted[above] - step * (1 - fraction);
}

}  // namespace sseprof
