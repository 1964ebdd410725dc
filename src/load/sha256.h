#pragma once

#include <string>
#include <string_view>

namespace sseprof {

/// SHA-256 of the bytes, as 64 lower-case hex digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace sseprof
