#pragma once

#include <string_view>

#include "page/curves.h"
#include "plots/run_plots.h"
#include "sseprof/summary.h"
#include "wire/json.h"

namespace sseprof {

/// One series of a plot of percentiles: {"variant", "sure", "y", "lo", "hi"}; the last two where
/// there are several runs.
void WriteSpectrum(JsonWriter& json, std::string_view variant, const std::vector<ValueSet>& runs);

/// {"x", "series": [{"variant", "y"}]}; null if there is nothing.
void WriteCumulative(JsonWriter& json, std::string_view key, const Cumulative& cumulative,
                     const std::vector<std::string>& variants);

/// What happened over run time, as an object of columns.
void WriteOverTime(JsonWriter& json, const RunPlots& plots, const Summary& summary);

/// The members "requests", "positions" and "failed" of one run's page.
void WriteRequests(JsonWriter& json, const RequestBars& bars);
void WritePositions(JsonWriter& json, const PositionMap& map);
void WriteFailed(JsonWriter& json, const RunPlots& plots);

}  // namespace sseprof
