#pragma once

#include <string>

#include "compare/comparison.h"

namespace sseprof {

/// For a terminal. Paragraphs are at most kTextColumns wide; tables as wide as they need.
std::string CompareText(const Comparison& comparison);

/// For a report: Markdown with a heading for each section.
std::string CompareMarkdown(const Comparison& comparison);

/// As JSON, by src/out/compare.schema.json.
std::string CompareJson(const Comparison& comparison);

}  // namespace sseprof
