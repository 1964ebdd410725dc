#pragma once

#include <vector>

#include "selfcheck/selfcheck.h"

namespace sseprof {

/// Numbers of the cores that this process may use, ascending.
std::vector<int> AllowedCores();

/// The first core for the simulated server and the others for the client; one core for both.
CorePlan PlanCores(const std::vector<int>& allowed);

/// Keeps the calling thread, and those that it starts from now on, on these cores.
/// Async-signal-safe if `cores` is not empty. True if the system did it.
bool PinTo(const std::vector<int>& cores);

}  // namespace sseprof
