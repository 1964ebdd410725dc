#pragma once

#include <cstdint>

#include "sseprof/time.h"

namespace sseprof {

/// What the system says of this process.
struct ProcessFacts {
  Nanos cpu{};
  std::int64_t resident_bytes = 0;
  std::int64_t open_files = 0, most_files = 0;
  Nanos started{};  ///< wall time since the epoch
};

/// Reads /proc/self; what is not there stays 0. @param cpu  what it has used of the processors
ProcessFacts ReadProcessFacts(Nanos cpu);

}  // namespace sseprof
