#pragma once

#include <string>

namespace sseprof {

/// 1,234 or 1,234.5
std::string Grouped(double value, int decimals = 0);

/// Three digits with the unit that suits: "207 µs", "38.6 ms", "2.78 s".
std::string SpanText(double seconds);

}  // namespace sseprof
