#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sseprof {

/// An instant of the wall clock, UTC.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// Reads a record file's `started_at`, "2026-01-02T03:04:05.678Z"; fractions may be missing.
std::optional<WallTime> ParseWallTime(std::string_view rfc3339);

/// "20260102-030405"
std::string CompactTime(WallTime at);

/// "2026-01-02T03:04:05.678000", as Python's isoformat() without a zone.
std::string IsoTime(WallTime at);

}  // namespace sseprof
