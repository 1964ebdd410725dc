#include "neighbours/wall_time.h"

#include <fmt/format.h>

#include <charconv>

namespace sseprof {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::microseconds;

/// The digits where `pattern` has a '#'; all else must be as it stands there.
std::optional<std::string> DigitsBy(std::string_view pattern, std::string_view text) {
  if (text.size() != pattern.size()) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (pattern[i] == '#' ? !is_digit : text[i] != pattern[i]) return std::nullopt;
    if (is_digit) digits += text[i];
  }
  return digits;
}

int Number(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

struct Parts {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<microseconds> time;
};

Parts PartsOf(WallTime at) {
  const auto day = floor<days>(at);
  return {std::chrono::year_month_day(day), std::chrono::hh_mm_ss(at - day)};
}

}  // namespace

std::optional<WallTime> ParseWallTime(std::string_view rfc3339) {
  constexpr std::string_view kSeconds = "####-##-##T##:##:##";
  if (rfc3339.size() <= kSeconds.size() || rfc3339.back() != 'Z') return std::nullopt;
  const auto digits = DigitsBy(kSeconds, rfc3339.substr(0, kSeconds.size()));
  if (!digits) return std::nullopt;
  const auto part = [&](std::size_t from, std::size_t size) {
    return Number(std::string_view(*digits).substr(from, size));
  };
  const std::chrono::year_month_day date(std::chrono::year(part(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(part(4, 2))),
                                         std::chrono::day(static_cast<unsigned>(part(6, 2))));
  if (!date.ok() || part(8, 2) > 23 || part(10, 2) > 59 || part(12, 2) > 60) return std::nullopt;
  std::string fraction(rfc3339.substr(kSeconds.size(), rfc3339.size() - kSeconds.size() - 1));
  if (!fraction.empty()) {
    const auto behind_point = DigitsBy("." + std::string(fraction.size() - 1, '#'), fraction);
    if (!behind_point || behind_point->empty()) return std::nullopt;
    fraction = *behind_point;
  }
  fraction.resize(6, '0');
  return std::chrono::sys_days(date) + std::chrono::hours(part(8, 2)) +
         std::chrono::minutes(part(10, 2)) + std::chrono::seconds(part(12, 2)) +
         microseconds(Number(fraction));
}

std::string CompactTime(WallTime at) {
  const auto [date, time] = PartsOf(at);
  return fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string IsoTime(WallTime at) {
  const auto [date, time] = PartsOf(at);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

}  // namespace sseprof
