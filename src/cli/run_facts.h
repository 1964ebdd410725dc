#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// A new id: 12 hexadecimal digits, random.
std::string NewRunId();

/// RFC 3339 in UTC, with milliseconds: "2026-01-31T12:00:00.250Z".
std::string Rfc3339(Nanos since_epoch);

/// A time as people write it: RFC 3339 in UTC ("2026-01-31T12:00:00Z", with a fraction where
/// wanted), or seconds since the epoch. Nothing if it is none, or not from 1970 to 2199.
std::optional<Nanos> ParseWallTime(const std::string& text);

/// Cores that this process may use.
int UsableCores();

/// What the results depend on of this machine: hostname, kernel, cpu, cores, memory.
std::vector<std::pair<std::string, std::string>> HostFacts();

/// The largest memory that this process has had.
std::int64_t MaxRssBytes();

}  // namespace sseprof
