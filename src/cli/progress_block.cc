#include "cli/progress_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace sseprof {
namespace {

// ECMA-48: erase from the cursor to the end of the line, of the screen.
constexpr std::string_view kEraseLine = "\x1b[K";
constexpr std::string_view kEraseBelow = "\x1b[J";
constexpr std::string_view kNoStyle = "\x1b[0m";

std::string_view Code(ProgressStyle style) {
  switch (style) {
    case ProgressStyle::kPlain:
      return "";
    case ProgressStyle::kLabel:
      return "\x1b[2m";
    case ProgressStyle::kGood:
      return "\x1b[32m";
    case ProgressStyle::kWarning:
      return "\x1b[33m";
    case ProgressStyle::kBad:
      return "\x1b[31m";
  }
  return "";
}

std::size_t Width(const ProgressRow& row) {
  std::size_t width = 0;
  for (const ProgressPiece& piece : row) width += piece.text.size();
  return width;
}

}  // namespace

std::string ProgressBlock::Draw(const std::vector<ProgressRow>& rows, TerminalSize size) {
  // The last column stays free: a terminal that wraps early would make two lines of a full one.
  const std::size_t columns = std::max<std::size_t>(size.columns, 2) - 1;
  const std::size_t count = std::min(rows.size(), std::max<std::size_t>(size.rows, 2) - 1);
  std::string out = size.columns == columns_ ? MoveUp(size) : Erase(size);
  widths_.clear();
  columns_ = size.columns;
  for (std::size_t i = 0; i < count; ++i) {
    out += Rendered(rows[i], columns);
    out += kEraseLine;
    out += '\n';
    widths_.push_back(std::min(Width(rows[i]), columns));
  }
  out += kEraseBelow;
  return out;
}

std::string ProgressBlock::Erase(TerminalSize size) {
  if (widths_.empty()) return "";
  std::string out = MoveUp(size);
  out += kEraseBelow;
  widths_.clear();
  return out;
}

std::string ProgressBlock::MoveUp(TerminalSize size) const {
  if (widths_.empty()) return "";
  const std::size_t columns = std::max<std::size_t>(size.columns, 1);
  std::size_t lines = 0;
  for (const std::size_t width : widths_) {
    lines += std::max<std::size_t>((width + columns - 1) / columns, 1);
  }
  return fmt::format("\r\x1b[{}A", lines);
}

std::string ProgressBlock::Rendered(const ProgressRow& row, std::size_t columns) const {
  std::string out;
  for (const ProgressPiece& piece : row) {
    const std::string_view text = std::string_view(piece.text).substr(0, columns);
    const std::string_view code = colour_ ? Code(piece.style) : "";
    out += code;
    out += text;
    if (!code.empty()) out += kNoStyle;
    columns -= text.size();
    if (columns == 0) break;
  }
  return out;
}

}  // namespace sseprof
