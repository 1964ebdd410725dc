#include "page/span_text.h"

#include <fmt/format.h>

namespace sseprof {

std::string Grouped(double value, int decimals) {
  std::string digits = fmt::format("{:.{}f}", value, decimals);
  std::size_t whole = digits.find('.');
  if (whole == std::string::npos) whole = digits.size();
  for (std::size_t at = whole; at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string SpanText(double seconds) {
  struct Unit {
    const char* name;
    double scale;
  };
  const Unit unit = seconds < 0.9995e-3 ? Unit{"\u00b5s", 1e6}
                    : seconds < 0.9995  ? Unit{"ms", 1e3}
                                        : Unit{"s", 1};
  const double value = seconds * unit.scale;
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, unit.name);
}

}  // namespace sseprof
