#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sseprof {

/// The widest line of what is printed for people.
inline constexpr std::size_t kTextColumns = 100;

/// `head` and the text made printable, broken at blanks; lines but the first are indented to the
/// head's width.
std::string Wrapped(const std::string& head, std::string_view text);

}  // namespace sseprof
