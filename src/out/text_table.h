#pragma once

#include <string>
#include <vector>

namespace sseprof {

/// Cells of text, each column aligned to one side.
struct TextTable {
  enum class Align { kLeft, kRight };
  struct Column {
    std::string name;
    Align align = Align::kRight;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< each with a cell for every column
};

/// Leaves out the columns, but for the first, that have nothing in any row (empty, or "-").
TextTable WithoutEmptyColumns(const TextTable& table);

/// For a terminal, made printable: columns two blanks apart, without blanks at a line's end. Widths
/// are counted in code points.
std::string AlignedTable(const TextTable& table);

/// For Markdown (GitHub's): what would be read as markup or end a cell is escaped.
std::string MarkdownTable(const TextTable& table);

/// Text with what Markdown or HTML would read as markup escaped, on one line.
std::string MarkdownText(const std::string& text);

}  // namespace sseprof
