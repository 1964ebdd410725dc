#include "cli/option_value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "sseprof/duration.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

template <class T>
std::optional<T> ReadNumber(const std::string& text) {
  T number{};
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

std::string RangeText(std::string_view what, ValueLimits limits) {
  if (limits.max == std::numeric_limits<double>::max()) {
    return fmt::format("{} of at least {}", what, limits.min);
  }
  return fmt::format("{} from {} to {}", what, limits.min, limits.max);
}

bool Within(double value, ValueLimits limits) {
  return std::isfinite(value) && value >= limits.min && value <= limits.max;
}

}  // namespace

void RefuseValue(const std::string& text, std::string_view expected) {
  throw UsageError(fmt::format("'{}' is not {}", text, expected));
}

std::int64_t ReadInteger(const std::string& text, ValueLimits limits) {
  const auto number = ReadNumber<std::int64_t>(text);
  if (!number || !Within(static_cast<double>(*number), limits)) {
    RefuseValue(text, RangeText("a whole number", limits));
  }
  return *number;
}

double ReadReal(const std::string& text, ValueLimits limits) {
  const auto number = ReadNumber<double>(text);
  if (!number || !Within(*number, limits)) RefuseValue(text, RangeText("a number", limits));
  return *number;
}

Nanos ReadDuration(const std::string& text, ZeroDuration zero) {
  const auto span = ParseDuration(text);
  const bool may_be_zero = zero == ZeroDuration::kAllowed;
  if (span && (*span > Nanos{} || may_be_zero)) return *span;
  RefuseValue(text, fmt::format("a duration{}, like 10 (seconds), 500ms, 10s or 2m",
                                may_be_zero ? "" : " above zero"));
}

}  // namespace sseprof
