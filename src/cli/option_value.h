#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "sseprof/time.h"

namespace sseprof {

// Values of options, as text. Each throws UsageError naming the text and what it must be.

struct ValueLimits {
  double min = 0;
  double max = std::numeric_limits<double>::max();
};

std::int64_t ReadInteger(const std::string& text, ValueLimits limits);
double ReadReal(const std::string& text, ValueLimits limits);

enum class ZeroDuration { kRefused, kAllowed };
Nanos ReadDuration(const std::string& text, ZeroDuration zero);

[[noreturn]] void RefuseValue(const std::string& text, std::string_view expected);

}  // namespace sseprof
