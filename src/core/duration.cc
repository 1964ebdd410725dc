#include "sseprof/duration.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace sseprof {
namespace {

std::optional<double> NanosPerUnit(std::string_view unit) {
  if (unit.empty() || unit == "s") return 1e9;
  if (unit == "us") return 1e3;
  if (unit == "ms") return 1e6;
  if (unit == "m") return 60e9;
  if (unit == "h") return 3600e9;
  return std::nullopt;
}

}  // namespace

std::optional<Nanos> ParseDuration(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (parsed.ec != std::errc{} || !std::isfinite(number) || std::signbit(number)) {
    return std::nullopt;
  }
  const auto unit = NanosPerUnit({parsed.ptr, static_cast<std::size_t>(end - parsed.ptr)});
  constexpr double kHundredYears = 3.2e18;
  if (!unit || number * *unit > kHundredYears) return std::nullopt;
  return Nanos{std::llround(number * *unit)};
}

std::string DurationText(Nanos span) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  if (span % seconds{1} == Nanos{}) return fmt::format("{}s", span / seconds{1});
  if (span % milliseconds{1} == Nanos{}) return fmt::format("{}ms", span / milliseconds{1});
  return fmt::format("{}us", static_cast<double>(span.count()) / 1e3);
}

std::string SecondsText(Nanos span) {
  const double seconds = ToSeconds(span);
  return seconds < 999.5 ? fmt::format("{:.3g} s", seconds) : fmt::format("{:.0f} s", seconds);
}

}  // namespace sseprof
