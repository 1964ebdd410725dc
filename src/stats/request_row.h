#pragma once

#include <cstdint>

namespace sseprof {

/// What is kept of a good measured request until the end of the run. Nanoseconds; `start` is an
/// offset from the run's origin, `last_output` one from the request's start. kAbsent: no such
/// value.
struct RequestRow {
  static constexpr std::int64_t kAbsent = -1;

  std::int64_t n = 0;
  std::int64_t start = 0;
  std::int64_t latency = kAbsent;
  std::int64_t ttft = kAbsent;
  std::int64_t last_output = kAbsent;
  std::int64_t send_delay = kAbsent;
  std::int64_t connect = kAbsent;
  double tpot = kAbsent;
  bool new_connection = false;
};
static_assert(sizeof(RequestRow) <= 80);

}  // namespace sseprof
