#pragma once

#include <string>

#include "sseprof/summary.h"

namespace sseprof {

/// The summary as JSON: first the keys of the replaced script's result files with the same names,
/// nesting, order and types, then ours. Two-space indentation, a line end at the end.
std::string SummaryJson(const Summary& summary);

}  // namespace sseprof
