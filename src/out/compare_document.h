#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/comparison.h"
#include "out/text_table.h"

namespace sseprof {

/// A comparison as people read it, before it is set for a terminal or as Markdown.
struct CompareSection {
  std::string title;  ///< empty for the first, which begins with the verdict
  std::vector<std::string> paragraphs;
  std::optional<TextTable> table;
};

/// The verdict first, then what speaks against it, the table of the replaced script, the cells of
/// each pair (headline, exploratory), and what stands beside them: stalls, usage, the client.
std::vector<CompareSection> CompareDocument(const Comparison& comparison);

}  // namespace sseprof
