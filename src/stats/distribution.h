#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseprof/histogram.h"
#include "sseprof/summary.h"

namespace sseprof {

/// The quantiles that every distribution has.
struct QuantileField {
  std::string_view name;
  double p;
  int tail_per_mille;  ///< min(p, 1-p), exact
  std::optional<double> Distribution::*value;
};
inline constexpr std::array<QuantileField, 5> kQuantiles = {{
    {"p50", 0.50, 500, &Distribution::p50},
    {"p90", 0.90, 100, &Distribution::p90},
    {"p95", 0.95, 50, &Distribution::p95},
    {"p99", 0.99, 10, &Distribution::p99},
    {"p999", 0.999, 1, &Distribution::p999},
}};

/// Names of the quantiles with fewer than 10 of so many observations beyond them.
std::vector<std::string> WeakQuantiles(double observations);

/// Of spans in nanoseconds, exact; the result is in seconds. `weak` is left to the caller.
Distribution DistributionOfNanos(std::vector<std::int64_t> values);

/// Of a histogram of spans; the result is in seconds.
Distribution DistributionOf(const Histogram& histogram);

/// Of any values, each divided by `divisor` (1e9 turns nanoseconds into seconds).
Distribution DistributionOfValues(std::vector<double> values, double divisor);

/// A quantile of a histogram in seconds; absent if it is empty.
std::optional<double> QuantileSeconds(const Histogram& histogram, double p);

}  // namespace sseprof
