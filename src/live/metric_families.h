#pragma once

#include <prometheus/metric_family.h>

#include <span>
#include <vector>

#include "live/process_facts.h"
#include "live/run_metrics.h"

namespace sseprof {

/// What is exported of these runs, one family a metric. All series are there from the first moment
/// on, and always in the same order. The labels `run` and `variant` are on each; those of the
/// process have the last run's.
/// @pre at least one run
std::vector<prometheus::MetricFamily> MetricFamilies(std::span<const RunReading> runs,
                                                     const ProcessFacts& process);

}  // namespace sseprof
