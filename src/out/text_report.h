#pragma once

#include <string>

#include "sseprof/summary.h"

namespace sseprof {

/// The summary for people: one screen (at most 24 lines of 100 columns where there is nothing to
/// distrust), what to distrust last, each with advice.
std::string TextReport(const Summary& summary);

}  // namespace sseprof
