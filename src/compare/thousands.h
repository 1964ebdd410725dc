#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sseprof {

/// A count to the nearest whole number, with commas: "15,300".
std::string Thousands(double count);

/// "1 run", "3 runs".
std::string Counted(std::uint64_t count, std::string_view what);

}  // namespace sseprof
