#pragma once

#include <optional>
#include <string_view>

#include "sseprof/time.h"

namespace sseprof {

/// A span as people write it: a number, alone (seconds) or with `us`, `ms`, `s`, `m` or `h`:
/// "1200", "0.5", "500ms", "10s", "2m". Rounded to whole nanoseconds. Nothing if it is none, is
/// negative, or is longer than 100 years.
std::optional<Nanos> ParseDuration(std::string_view text);

}  // namespace sseprof
