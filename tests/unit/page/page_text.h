#pragma once

#include <string>
#include <string_view>

#include "wire/json.h"

namespace sseprof {

/// What stands between two marks, the first of them after the first; empty: not there.
inline std::string Between(std::string_view text, std::string_view from, std::string_view until) {
  const std::size_t begin = text.find(from);
  if (begin == std::string_view::npos) return "";
  const std::size_t start = begin + from.size();
  const std::size_t end = text.find(until, start);
  return end == std::string_view::npos ? "" : std::string(text.substr(start, end - start));
}

inline JsonDocument PayloadOf(std::string_view page) {
  return JsonDocument::Parse(
      Between(page, "<script type=\"application/json\" id=\"data\">", "</script>"));
}

inline std::size_t CountOf(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

inline constexpr const char* kHostile =
    "</script><img src=x onerror=alert(1)>\xe2\x80\xa8'\"&\x01\xff{{data}}";

}  // namespace sseprof
