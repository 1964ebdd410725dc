#pragma once

#include "sseprof/time.h"

namespace sseprof {

/// The one place that reads a clock. All are system time sources of Linux.
Instant MonotonicNow();  ///< CLOCK_MONOTONIC
Nanos RealNow();         ///< CLOCK_REALTIME, since the epoch
Nanos ProcessCpuTime();  ///< user and system CPU of this process

/// Wall and monotonic time of one moment.
WallAnchor ReadWallAnchor();

}  // namespace sseprof
