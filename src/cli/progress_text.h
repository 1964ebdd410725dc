#pragma once

#include <string>
#include <vector>

#include "cli/progress_figures.h"

namespace sseprof {

enum class ProgressStyle { kPlain, kLabel, kGood, kWarning, kBad };

/// A piece of a row, of one style. ASCII without control characters, so that its length is its
/// width.
struct ProgressPiece {
  std::string text;
  ProgressStyle style = ProgressStyle::kPlain;
};

using ProgressRow = std::vector<ProgressPiece>;

/// The rows of the block on a terminal. What matters most stands to the left, as a narrow terminal
/// cuts the rest.
std::vector<ProgressRow> ProgressRows(const ProgressFigures& figures);

/// The same in one line, without a line's end.
std::string ProgressLine(const ProgressFigures& figures);

}  // namespace sseprof
