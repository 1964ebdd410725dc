#include "sseprof/wall_time.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "sseprof/duration.h"

namespace sseprof {
namespace {

constexpr std::time_t kYear2200 = 7'258'118'400;

}  // namespace

std::string FormatWallTime(const char* format, Nanos since_epoch) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const std::tm parts = fmt::gmtime(static_cast<std::time_t>(seconds.count()));
  return fmt::format(fmt::runtime(fmt::format("{{:{}}}", format)), parts);
}

std::string Rfc3339(Nanos since_epoch) {
  const auto rest = since_epoch - std::chrono::floor<std::chrono::seconds>(since_epoch);
  return fmt::format("{}.{:03}Z", FormatWallTime("%Y-%m-%dT%H:%M:%S", since_epoch),
                     std::chrono::duration_cast<std::chrono::milliseconds>(rest).count());
}

std::optional<Nanos> ParseWallTime(const std::string& text) {
  if (text.find_first_not_of("0123456789.") == std::string::npos) return ParseDuration(text);
  std::tm time{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  std::string fraction = rest == nullptr ? "" : rest;
  if (!fraction.ends_with('Z')) return std::nullopt;
  fraction.pop_back();
  if (!fraction.empty() && !fraction.starts_with('.')) return std::nullopt;
  if (fraction.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
  const std::optional<Nanos> more = ParseDuration("0" + fraction);
  const int day = time.tm_mday;
  const std::time_t whole = timegm(&time);  // makes March of the 30th of February
  if (!more || time.tm_mday != day || whole < 0 || whole >= kYear2200) return std::nullopt;
  return std::chrono::seconds(whole) + *more;
}

}  // namespace sseprof
