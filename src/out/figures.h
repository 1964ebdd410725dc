#pragma once

#include <optional>
#include <string>

namespace sseprof {

// Figures as people read them; "-" for what does not exist.

std::string Number(std::optional<double> value, int decimals);

/// Milliseconds with four digits or so, without the unit.
std::string Millis(std::optional<double> seconds);

/// "-7.2 %", "+0.4 %", "0.0 %": a difference, from the logarithm of a ratio.
std::string SignedPercent(double log_ratio);

}  // namespace sseprof
