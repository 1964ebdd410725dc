#include "out/figures.h"

#include <fmt/format.h>

#include <cmath>

namespace sseprof {

std::string Number(std::optional<double> value, int decimals) {
  return value ? fmt::format("{:.{}f}", *value, decimals) : "-";
}

std::string Millis(std::optional<double> seconds) {
  if (!seconds) return "-";
  const double ms = *seconds * 1e3;
  return fmt::format("{:.{}f}", ms, ms >= 100 ? 1 : ms >= 10 ? 2 : 3);
}

std::string SignedPercent(double log_ratio) {
  const std::string text = fmt::format("{:+.1f}", 100 * std::expm1(log_ratio));
  return (text == "+0.0" || text == "-0.0" ? "0.0" : text) + " %";
}

}  // namespace sseprof
