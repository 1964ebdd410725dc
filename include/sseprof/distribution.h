#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sseprof {

/// A distribution in seconds; a figure is absent if no value exists.
struct Distribution {
  std::uint64_t count = 0;
  std::optional<double> p50, p90, p95, p99, p999, mean, min, max, stddev;
  /// Quantiles ("p99") with fewer than 10 observations beyond them, counted as instants.
  std::vector<std::string> weak;
  /// Quantiles whose error by the client's own fault may exceed 5 %.
  std::vector<std::string> untrusted;
};

}  // namespace sseprof
