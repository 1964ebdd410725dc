#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/comparison.h"
#include "plots/run_plots.h"

namespace sseprof {

/// What is drawn of the runs, in the order of the comparison's variants and of their runs; absent
/// for a run without records.
using PlotsOfRuns = std::vector<std::vector<std::optional<RunPlots>>>;

/// The same report in other forms.
struct CompareTexts {
  std::string json;  ///< by src/out/compare.schema.json
  std::string text;  ///< for where there is no script
};

/// The page of a comparison: an HTML file that stands by itself, the same bytes for the same runs.
std::string ComparePage(const Comparison& comparison, const PlotsOfRuns& plots,
                        const CompareTexts& texts);

}  // namespace sseprof
