#pragma once

#include <string>
#include <vector>

#include "sseprof/summary.h"

namespace sseprof {

// The sentences of one run's page. What does not exist is not spoken of.

/// The run in one line: how fast it was.
std::string RunHeadline(const Summary& summary);

/// Where, against what, and how it was loaded.
std::string RunWorkload(const Summary& summary);

/// What there is to know of it, a sentence each.
std::vector<std::string> RunFindings(const Summary& summary);

}  // namespace sseprof
