#include "net/clock.h"

#include <ctime>

namespace sseprof {
namespace {

Nanos Read(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds{now.tv_sec} + Nanos{now.tv_nsec};
}

}  // namespace

Instant MonotonicNow() { return Instant{Read(CLOCK_MONOTONIC)}; }

Nanos RealNow() { return Read(CLOCK_REALTIME); }

Nanos ProcessCpuTime() { return Read(CLOCK_PROCESS_CPUTIME_ID); }

WallAnchor ReadWallAnchor() { return {MonotonicNow(), RealNow()}; }

}  // namespace sseprof
