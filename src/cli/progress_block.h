#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/progress_text.h"

namespace sseprof {

struct TerminalSize {
  std::size_t columns = 80, rows = 24;
};

/// Some rows on a terminal that are drawn again and again in the same place. It only makes the text
/// that does so. Between two drawings the cursor stands at the begin of the line below, so that a
/// program that is killed leaves a clean line.
class ProgressBlock {
 public:
  explicit ProgressBlock(bool colour) : colour_(colour) {}

  /// What draws the rows over those before; each is cut to the terminal's width.
  std::string Draw(const std::vector<ProgressRow>& rows, TerminalSize size);
  /// What takes them away. The cursor then stands where the block began.
  std::string Erase(TerminalSize size);
  /// The cursor is elsewhere now: the next rows are drawn below what is there.
  void Forget() { widths_.clear(); }

 private:
  /// To the first row. A terminal that became narrower has broken the rows that did not fit.
  std::string MoveUp(TerminalSize size) const;
  std::string Rendered(const ProgressRow& row, std::size_t columns) const;

  const bool colour_;
  std::size_t columns_ = 0;          ///< when it was drawn last
  std::vector<std::size_t> widths_;  ///< of the rows that were drawn
};

}  // namespace sseprof
