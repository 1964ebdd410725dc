#pragma once

#include <optional>

#include "sseprof/time.h"

namespace sseprof {

/// How long a run that is over stays at most, so that a scrape can see its end: two periods of
/// those who scraped it, but no longer than 30 s, or 2 s if it was stopped: who has interrupted it
/// does not want to wait. Not at all if nobody scraped it.
/// @param period  the longest time between two scrapes; none if there was only one
Nanos LongestLinger(bool scraped, std::optional<Nanos> period, bool stopped);

}  // namespace sseprof
