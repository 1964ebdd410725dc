#pragma once

#include <string>
#include <string_view>

namespace sseprof {

/// True if the text is valid UTF-8.
bool IsUtf8(std::string_view text);

/// The text with every bad sequence replaced by U+FFFD (maximal subparts, as WHATWG decodes).
std::string ToUtf8(std::string_view text);

/// Appends what ToUtf8 would give.
void AppendUtf8(std::string_view text, std::string& out);

}  // namespace sseprof
