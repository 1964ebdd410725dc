#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace sseprof::fuzz {

inline void Demand(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

/// Reads of one byte each.
inline std::vector<std::string_view> Bytes(std::string_view text) {
  std::vector<std::string_view> reads;
  for (std::size_t i = 0; i < text.size(); ++i) reads.push_back(text.substr(i, 1));
  return reads;
}

/// Two reads, cut at a place that `choice` picks.
inline std::vector<std::string_view> Halves(std::string_view text, std::size_t choice) {
  const std::size_t cut = choice % (text.size() + 1);
  return {text.substr(0, cut), text.substr(cut)};
}

/// An input is a number of two bytes, then the stream's bytes.
struct Input {
  std::size_t number = 0;
  std::string_view stream;
};

inline Input Split(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return {};
  return {.number = static_cast<std::size_t>(data[0] | data[1] << 8),
          .stream = {reinterpret_cast<const char*>(data) + 2, size - 2}};
}

}  // namespace sseprof::fuzz
