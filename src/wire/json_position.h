#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sseprof {

/// From 1; a column counts code points.
struct TextPosition {
  std::size_t line = 1, column = 1;
  bool operator==(const TextPosition&) const = default;
};

TextPosition PositionAt(std::string_view text, std::size_t offset);

/// Where a value stands in a JSON text that parses, with comments or without. @param path  keys and
/// indices that lead to it ("variants", "0", "name"); where it does not lead to any, that of the
/// last value on the way is given
TextPosition PositionOf(std::string_view json, const std::vector<std::string>& path);

}  // namespace sseprof
