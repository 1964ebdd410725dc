#pragma once

#include <optional>
#include <string>

#include "sseprof/time.h"

namespace sseprof {

// Times of the wall clock are nanoseconds since 1970, UTC.

/// RFC 3339 in UTC, with milliseconds: "2026-01-31T12:00:00.250Z".
std::string Rfc3339(Nanos since_epoch);

/// By strftime's format, in UTC and whole seconds: "%Y%m%d-%H%M%S".
std::string FormatWallTime(const char* format, Nanos since_epoch);

/// A time as people write it: RFC 3339 in UTC ("2026-01-31T12:00:00Z", with a fraction where
/// wanted), or seconds since the epoch. Nothing if it is none, or not from 1970 to 2199.
std::optional<Nanos> ParseWallTime(const std::string& text);

}  // namespace sseprof
