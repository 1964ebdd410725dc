#pragma once

#include <vector>

#include "plots/run_plots.h"
#include "stats/stalls.h"

namespace sseprof {

/// Stalls that the server's streams share, joined to pauses: those whose ends follow one another
/// within 2 ms are one. At most 500 are kept, the longest; of equal ones the earlier.
/// @param stalls  by end; only the shared ones count
/// @param zero    the instant that is second 0, an offset from the run's origin
Pauses JoinPauses(const std::vector<StallCollector::Found>& stalls, Nanos zero);

}  // namespace sseprof
