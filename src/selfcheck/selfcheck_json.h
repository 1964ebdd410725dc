#pragma once

#include <string>

#include "selfcheck/selfcheck.h"

namespace sseprof {

/// The report as pretty JSON, described by selfcheck.schema.json beside this file.
std::string SelfcheckJson(const SelfcheckReport& report);

}  // namespace sseprof
