#pragma once

#include <map>
#include <string_view>

#include "selfcheck/selfcheck.h"

namespace sseprof {

/// What /proc/stat says of one core since the machine's start, in clock ticks.
struct CoreTicks {
  std::int64_t idle = 0;        ///< waiting for devices included
  std::int64_t interrupts = 0;  ///< hard and soft: they serve us as well as others
  std::int64_t stolen = 0;
};

/// The cores of /proc/stat, by number; empty if the text is of another form.
std::map<int, CoreTicks> ParseProcStat(std::string_view text);

/// One run's window: /proc/stat before and after, and what we used of the cores ourselves.
struct CoreWindow {
  std::map<int, CoreTicks> before, after;
  double ticks_per_s = 100;
  double wall_s = 0;
  double server_cpu_s = 0;
  double client_cpu_s = 0;
  int threads = 1;  ///< of the client
};

/// What others did on our cores. Busy is what is neither idle, interrupt nor stolen; others are
/// what is busy without us. The client can move away from others while it has more cores than
/// threads, so only what is left of them counts. Absent where a core's figures are missing.
std::optional<CoreLoad> LoadOfOthers(const CoreWindow& window, const CorePlan& cores);

}  // namespace sseprof
