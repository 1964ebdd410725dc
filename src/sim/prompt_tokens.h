#pragma once

#include <cstdint>
#include <string_view>

namespace sseprof {

/// Around each message: start, role, line end; end, line end.
inline constexpr std::int32_t kTokensPerMessage = 5;
/// What asks for the answer: start, role, line end.
inline constexpr std::int32_t kTokensOfAnswerHead = 3;

/// The simulated tokenizer: not a real vocabulary, but a rule after how Qwen's splits text before
/// it looks words up. One token each: a run of letters (with the blank before it), a digit, a blank
/// before a digit, any character from U+2000 on, any other visible character. On
/// plain English prose of short words this is what a real vocabulary gives; long or rare words,
/// code and most other languages take more there.
std::int32_t CountTextTokens(std::string_view utf8);

}  // namespace sseprof
