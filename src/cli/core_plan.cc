#include "cli/core_plan.h"

#include <sched.h>

namespace sseprof {

std::vector<int> AllowedCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  std::vector<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

CorePlan PlanCores(const std::vector<int>& allowed) {
  if (allowed.size() < 2) return {.server = allowed, .client = allowed, .shared = true};
  return {.server = {allowed.front()}, .client = {allowed.begin() + 1, allowed.end()}};
}

bool PinTo(const std::vector<int>& cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(core, &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

}  // namespace sseprof
