#pragma once

#include <span>

namespace sseprof {

/// Quantile p in [0, 1] of ascending values by linear interpolation between order statistics,
/// h = (n-1)p (numpy's default, type 7 of Hyndman & Fan 1996).
/// @pre not empty, sorted.
double QuantileOfSorted(std::span<const double> sorted, double p);

}  // namespace sseprof
