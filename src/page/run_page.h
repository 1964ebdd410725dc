#pragma once

#include <string>

#include "plots/run_plots.h"
#include "sseprof/summary.h"

namespace sseprof {

/// The page of one run: an HTML file that stands by itself, the same bytes for the same run.
/// @param summary_json  what SummaryJson makes of the summary, or the file that it was read from
/// @param plots         null if only the summary is left: then the page says that it holds no tails
/// @param text          the report as text, for where there is no script
std::string RunPage(const Summary& summary, const std::string& summary_json, const RunPlots* plots,
                    const std::string& text);

}  // namespace sseprof
