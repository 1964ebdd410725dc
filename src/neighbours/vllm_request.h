#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sseprof/record.h"
#include "sseprof/time.h"

namespace sseprof {

/// One request as `vllm bench serve` 0.32.0 keeps it (benchmarks/lib/endpoint_request_func.py, chat
/// completions): every event with choices is a "token", so also the one that only names the role,
/// and the one with the finish reason; several choices form one sequence. What failed has no
/// latency and no tokens.
struct VllmRequest {
  std::int64_t n = 0;
  bool completed = false;
  Instant start{};
  std::optional<Instant> scheduled;
  Instant read_at{};        ///< the answer had been read to its end
  Nanos ttft{};             ///< first event with choices - start; 0 without one
  Nanos latency{};          ///< last event with choices - start
  std::vector<Nanos> gaps;  ///< between events with choices
  std::int64_t input = 0;   ///< prompt tokens by usage; 0: unknown
  std::int64_t output = 0;  ///< completion tokens by usage, else counted
  std::string text;         ///< as far as records hold it
  std::string error;

  /// (latency - ttft) / (output - 1), in seconds. Absent with less than two tokens.
  std::optional<double> Tpot() const;
};

VllmRequest ToVllmRequest(const RequestRecord& record);

}  // namespace sseprof
