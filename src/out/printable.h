#pragma once

#include <string>
#include <string_view>

namespace sseprof {

/// Text on one line that a terminal shows and does not obey: line breaks and tabs are blanks, and
/// every other control character (C0, DEL, C1) is U+FFFD. For what others chose: names of models,
/// labels, messages of servers.
std::string Printable(std::string_view text);

}  // namespace sseprof
