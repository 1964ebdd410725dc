#pragma once

#include <string>

namespace sseprof {

/// A count to the nearest whole number, with commas: "15,300".
std::string Thousands(double count);

}  // namespace sseprof
