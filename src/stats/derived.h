#pragma once

#include <cstdint>
#include <optional>

namespace sseprof {

/// What throughput is computed from; a mean is over the good requests that have the value.
struct DerivedInput {
  std::uint64_t ok = 0;
  std::optional<double> total_time_s;
  std::optional<double> prompt_tokens_mean;
  std::optional<double> completion_tokens_mean;
  std::optional<double> latency_mean_s;
};

/// The figures of the result file that are made from others.
struct Derived {
  std::optional<double> qps;         ///< good requests per second
  std::optional<double> prompt_tps;  ///< prompt tokens per second, all streams together
  std::optional<double> decode_tps;  ///< completion tokens per second, all streams together
  std::optional<double> ms_per_output_token;  ///< mean latency / mean completion tokens
};

/// Absent where an input is absent or a divisor is not above 0.
Derived ComputeDerived(const DerivedInput& input);

}  // namespace sseprof
