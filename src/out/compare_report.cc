#include "out/compare_report.h"

#include "out/compare_document.h"
#include "out/printable.h"
#include "out/wrapped_text.h"

namespace sseprof {

std::string CompareText(const Comparison& comparison) {
  std::string out;
  for (const CompareSection& section : CompareDocument(comparison)) {
    if (!out.empty()) out += "\n";
    if (!section.title.empty()) out += Printable(section.title) + "\n";
    const std::string head = section.title.empty() ? "" : "  ";
    for (const std::string& paragraph : section.paragraphs) out += Wrapped(head, paragraph);
    if (section.table) out += AlignedTable(*section.table);
  }
  return out;
}

std::string CompareMarkdown(const Comparison& comparison) {
  std::string out;
  for (const CompareSection& section : CompareDocument(comparison)) {
    if (!out.empty()) out += "\n";
    if (!section.title.empty()) out += "## " + MarkdownText(section.title) + "\n\n";
    const bool list = !section.table && !section.title.empty();
    for (const std::string& paragraph : section.paragraphs) {
      out += (list ? "- " : "") + MarkdownText(paragraph) + (list ? "\n" : "\n\n");
    }
    if (section.table) out += MarkdownTable(*section.table);
  }
  return out;
}

}  // namespace sseprof
