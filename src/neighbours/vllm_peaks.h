#pragma once

#include <cstdint>
#include <vector>

#include "neighbours/vllm_request.h"

namespace sseprof {

/// The busiest of the seconds since the first start, over completed requests.
struct VllmPeaks {
  std::int64_t tokens = 0;      ///< events with choices in one second
  std::int64_t concurrent = 0;  ///< requests that were in flight at any time of one second
};

/// By `vllm bench serve` 0.32.0: a request counts in every second from that of its start to that of
/// its last event, so that one which ends and one which begins in the same second both do.
VllmPeaks FindVllmPeaks(const std::vector<VllmRequest>& requests);

}  // namespace sseprof
