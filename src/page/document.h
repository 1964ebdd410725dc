#pragma once

#include <string>
#include <string_view>

namespace sseprof {

/// The parts of a page that differ from one to the next.
struct PageParts {
  std::string title;
  std::string text;     ///< the report as text, for where there is no script
  std::string payload;  ///< a JSON object, for the page's script
};

/// One HTML file that needs nothing else and asks nobody for anything. Whatever the parts hold is
/// shown as text.
std::string PageDocument(const PageParts& parts);

/// & < > " as entities; control characters that HTML forbids as U+FFFD.
std::string EscapedForHtml(std::string_view text);

/// A JSON text that can stand in a script element: < as \u003c, U+2028 and U+2029 as escapes.
std::string EscapedForScript(std::string_view json);

}  // namespace sseprof
