#pragma once

#include <string>

#include "selfcheck/selfcheck.h"

namespace sseprof {

/// The report for people: lines of at most 100 columns, the verdict last.
std::string SelfcheckText(const SelfcheckReport& report);

/// One line about a probe of the search.
std::string ProbeText(const LimitProbe& probe);

}  // namespace sseprof
