#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sseprof/time.h"

namespace sseprof {

/// A span as people write it: a number, alone (seconds) or with `us`, `ms`, `s`, `m` or `h`:
/// "1200", "0.5", "500ms", "10s", "2m". Rounded to whole nanoseconds. Nothing if it is none, is
/// negative, or is longer than 100 years.
std::optional<Nanos> ParseDuration(std::string_view text);

/// A text that ParseDuration reads back as this span: "1200s", "500ms", "0.5us".
std::string DurationText(Nanos span);

/// Seconds to read, with three digits or all that stand before the point: "0.25 s", "1200 s".
std::string SecondsText(Nanos span);

}  // namespace sseprof
