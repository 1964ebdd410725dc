#pragma once

#include <optional>

#include "sseprof/record.h"
#include "sseprof/time.h"

namespace sseprof {

/// Service level objectives: what a request must not exceed to be within them. Absent: no limit.
struct Slo {
  std::optional<Nanos> ttft, tpot, latency;

  bool operator==(const Slo&) const = default;

  bool any() const { return ttft || tpot || latency; }
  /// True if a good request keeps all limits, each of which is still met when it is just reached. A
  /// value that the request does not have (the TPOT of one token) breaks none.
  bool MetBy(const RequestRecord& record) const;
};

}  // namespace sseprof
