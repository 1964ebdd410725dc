#pragma once

#include <chrono>
#include <cstdint>

namespace sseprof {

/// A span of time. Every duration in the program has this type; `_ns` and `_s` appear only at the
/// edges (JSON), `_seconds` only in Prometheus names.
using Nanos = std::chrono::nanoseconds;

/// CLOCK_MONOTONIC, without a now(): pure code is given the time, and the one place that reads it
/// is net/clock.h.
struct MonotonicClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Nanos;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

/// An instant of CLOCK_MONOTONIC.
using Instant = MonotonicClock::time_point;

inline constexpr Instant kNever = Instant::max();

/// The one reading of the wall clock that a run makes, next to the monotonic instant of that
/// moment.
struct WallAnchor {
  Instant at;
  Nanos since_epoch;
};

/// Seconds as a double: for output only.
constexpr double ToSeconds(Nanos span) { return static_cast<double>(span.count()) / 1e9; }

}  // namespace sseprof
